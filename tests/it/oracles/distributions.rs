//! Distribution functions.

use super::Run;
use super::support::{Answer, numbers};
use serde_json::Value;
use themata::stats::distributions as d;

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "norm_cdf" => |i| value(d::norm_cdf(args(i)[0])),
        "norm_sf" => |i| value(d::norm_sf(args(i)[0])),
        "norm_ppf" => |i| value(d::norm_ppf(args(i)[0])),
        "t_cdf" => |i| value(d::t_cdf(args(i)[0], args(i)[1])),
        "t_sf" => |i| value(d::t_sf(args(i)[0], args(i)[1])),
        "t_ppf" => |i| value(d::t_ppf(args(i)[0], args(i)[1])),
        "chi2_sf" => |i| value(d::chi2_sf(args(i)[0], args(i)[1])),
        "f_sf" => |i| value(d::f_sf(args(i)[0], args(i)[1], args(i)[2])),
        "beta_inc" => |i| value(d::beta_cdf(args(i)[0], args(i)[1], args(i)[2])),
        "beta_ppf" => |i| value(d::beta_ppf(args(i)[0], args(i)[1], args(i)[2])),
        "gamma_p" => |i| value(d::gamma_p(args(i)[0], args(i)[1])),
        "lgamma" => |i| value(d::lgamma(args(i)[0])),
        "digamma" => |i| value(d::digamma(args(i)[0])),
        "erf" => |i| value(d::erf(args(i)[0])),
        "erfc" => |i| value(d::erfc(args(i)[0])),
        "binom_cdf" => |i| value(d::binom_cdf(args(i)[0], args(i)[1], args(i)[2])),
        "poisson_cdf" => |i| value(d::poisson_cdf(args(i)[0], args(i)[1])),
        "hypergeom_pmf" => |i| value(hypergeometric(i, d::hypergeom_pmf)),
        "hypergeom_sf" => |i| value(hypergeometric(i, d::hypergeom_sf)),
        "nct_cdf" => |i| value(d::noncentral_t_cdf(args(i)[0], args(i)[1], args(i)[2])),
        _ => return None,
    })
}

fn args(input: &Value) -> Vec<f64> {
    numbers(input, "args")
}

fn value(value: f64) -> Value {
    Answer::new().put("value", value).done()
}

fn hypergeometric(input: &Value, function: fn(u64, u64, u64, u64) -> f64) -> f64 {
    let a: Vec<u64> = args(input).into_iter().map(|v| v as u64).collect();
    function(a[0], a[1], a[2], a[3])
}
