case
    when
        isfinite(embodied_kgco2e) and embodied_kgco2e >= 0
        and isfinite(device_hours) and device_hours >= 0
        and isfinite(lifetime_h) and lifetime_h > 0
        and resource_share between 0 and 1
    then 1e0 * embodied_kgco2e * device_hours / lifetime_h * resource_share
end
