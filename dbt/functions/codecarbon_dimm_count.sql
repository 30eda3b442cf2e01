case
    when isfinite(memory_gb) and memory_gb > 0
    then
        case
            when memory_gb <= 2 then 1
            when memory_gb <= 16 then 2
            when memory_gb <= 64 then 4
            when memory_gb <= 128 then 8
            when memory_gb < 256 then ceil(1e0 * memory_gb / 16)
            when memory_gb < 512 then ceil(1e0 * memory_gb / 32)
            when memory_gb < 1024 then ceil(1e0 * memory_gb / 64)
            else least(ceil(1e0 * memory_gb / 128), 32)
        end
end
