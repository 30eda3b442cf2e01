case
    when
        isfinite(memory_gb) and memory_gb > 0
        and try_cast(regexp_extract(tracker_version, '^v?([0-9]+)', 1) as integer) = 2
    then 3e0 * memory_gb / 8
    when
        isfinite(memory_gb) and memory_gb > 0
        and try_cast(regexp_extract(tracker_version, '^v?([0-9]+)', 1) as integer) >= 3
    then
        case when is_arm then 1.5e0 when not is_arm then 5e0 end * greatest(
            2,
            least({{ function('codecarbon_dimm_count') }}(memory_gb := memory_gb), 4)
            + 0.9 * least(greatest(
                {{ function('codecarbon_dimm_count') }}(memory_gb := memory_gb) - 4, 0
            ), 4)
            + 0.8 * least(greatest(
                {{ function('codecarbon_dimm_count') }}(memory_gb := memory_gb) - 8, 0
            ), 8)
            + 0.7 * greatest(
                {{ function('codecarbon_dimm_count') }}(memory_gb := memory_gb) - 16, 0
            )
        )
end
