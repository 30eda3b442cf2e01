case
    when
        isfinite(gpus_required) and gpus_required > 0
        and isfinite(gpu_embodied_kgco2e) and gpu_embodied_kgco2e >= 0
    then
        1e0 * gpus_required * (
            {{ function('server_share_kgco2e') }}(
                server_embodied_kgco2e := server_embodied_kgco2e,
                accelerator_count := server_gpu_count
            )
            + gpu_embodied_kgco2e
        )
end
