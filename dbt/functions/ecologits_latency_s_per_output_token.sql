case
    when
        isfinite(parameters_active_billion) and parameters_active_billion > 0
        and isfinite(batch_size) and batch_size >= 1
    then
        0.0006785088094353663 * parameters_active_billion
        + 0.0003119310311688259 * batch_size
        + 0.019473717579473387
end
