case
    when
        isfinite(first_uncertainty_ratio) and first_uncertainty_ratio >= 0
        and isfinite(second_uncertainty_ratio) and second_uncertainty_ratio >= 0
    then sqrt(pow(1e0 * first_uncertainty_ratio, 2) + pow(1e0 * second_uncertainty_ratio, 2))
end
