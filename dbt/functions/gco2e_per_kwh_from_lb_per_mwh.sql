case when isfinite(intensity_lb_per_mwh) then 0.45359237e0 * intensity_lb_per_mwh end
