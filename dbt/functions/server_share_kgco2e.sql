case
    when
        isfinite(server_embodied_kgco2e) and server_embodied_kgco2e >= 0
        and isfinite(accelerator_count) and accelerator_count > 0
    then 1e0 * server_embodied_kgco2e / accelerator_count
end
