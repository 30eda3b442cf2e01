case
    when isfinite(resources_total) and resources_total > 0
    then {{ function('embodied_share_kgco2e') }}(
        embodied_kgco2e := total_embodied_kgco2e,
        device_hours := reserved_h,
        lifetime_h := lifetime_h,
        resource_share := 1e0 * resources_reserved / resources_total
    )
end
