case
    when
        count(*) > 0
        and bool_and(coalesce(
            isfinite(peak_power_w) and peak_power_w >= 0
            and efficiency_ratio between 0 and 1
            and isfinite(unit_count) and unit_count >= 0
            and isfinite(duration_h) and duration_h >= 0,
            false
        ))
    then sum(1e0 * peak_power_w * efficiency_ratio * unit_count * duration_h) / 1000
end
