case
    when
        isfinite(parameters_total) and parameters_total > 0
        and isfinite(parameters_active) and parameters_active > 0
        and parameters_active <= parameters_total
        and isfinite(concurrency) and concurrency > 0
    then
        parameters_total
        * (1 - pow(1 - 1e0 * parameters_active / parameters_total, greatest(concurrency, 1)))
end
