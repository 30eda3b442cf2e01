case
    when
        covered_share between 0 and 1
        and (
            covered_share = 0
            or (isfinite(contract_gco2e_per_kwh) and contract_gco2e_per_kwh >= 0)
        )
        and (
            covered_share = 1
            or (isfinite(residual_mix_gco2e_per_kwh) and residual_mix_gco2e_per_kwh >= 0)
        )
    then
        case when covered_share > 0 then 1e0 * covered_share * contract_gco2e_per_kwh else 0 end
        + case
            when covered_share < 1 then (1e0 - covered_share) * residual_mix_gco2e_per_kwh
            else 0
        end
end
