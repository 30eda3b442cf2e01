{{ function('epoch_cluster_power_w') }}(
    device_count := device_hours,
    tdp_w := tdp_w,
    server_overhead_ratio := server_overhead_ratio,
    average_power_share := average_power_share,
    pue_ratio := pue_ratio
) / 1000
