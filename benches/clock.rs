//! Processor time of this process.

use std::error::Error;
use std::fs;

/// Seconds of processor time so far, user and system: of this thread to the nanosecond where the system keeps count,
/// else of the process to its ticks of a hundredth.
pub fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    if let Ok(counted) = fs::read_to_string("/proc/thread-self/schedstat")
        && let Some(nanoseconds) = counted.split_whitespace().next().and_then(|field| field.parse::<f64>().ok())
        && nanoseconds > 0.0
    {
        return Ok(nanoseconds / 1e9);
    }
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name before the bracket may hold spaces; `utime` and `stime` are the 12th and 13th fields behind it.
    let behind_name = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: Vec<f64> =
        behind_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}
