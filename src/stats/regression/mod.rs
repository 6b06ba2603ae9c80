//! Linear regression, robust standard errors, and the analysis of covariance of a change.

mod ancova;
mod clustered;
mod linear;

pub use ancova::{Ancova, AncovaCoefficient, ancova};
pub use clustered::{ClusterRobust, cluster_robust};
pub use linear::{Coefficient, LinearRegression, linear_regression};

pub(crate) use linear::{Design, least_squares};
