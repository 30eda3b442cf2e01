case
    when isfinite(parameters_active) and parameters_active >= 0 and isfinite(tokens) and tokens >= 0
    then 2e0 * parameters_active * tokens
end
