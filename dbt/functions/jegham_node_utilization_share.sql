case
    when
        isfinite(gpus_assigned) and gpus_assigned > 0
        and isfinite(gpus_per_node) and gpus_per_node >= gpus_assigned
        and device_utilization_ratio between 0 and 1
        and isfinite(batch_size) and batch_size >= 1
    then 1e0 * gpus_assigned * device_utilization_ratio / gpus_per_node / batch_size
end
