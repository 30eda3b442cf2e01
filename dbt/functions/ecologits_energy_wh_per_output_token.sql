case
    when
        isfinite(parameters_active_billion) and parameters_active_billion > 0
        and isfinite(batch_size) and batch_size >= 1
    then
        1.1665273170451914e-06 * exp(-0.011205921025579175 * batch_size)
        * parameters_active_billion
        + 4.052928146734005e-05
end
