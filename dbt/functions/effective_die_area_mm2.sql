case
    when die_area_mm2 > 0 and die_area_mm2 <= 10000
    then
        pow(150, 2)
        / (
            pow(150 / (sqrt(die_area_mm2) + 0.2), 2)
            - 300 / (sqrt(2) * (sqrt(die_area_mm2) + 0.2))
        )
        / exp(-sqrt(0.1 * pow((sqrt(die_area_mm2) + 0.2) / 10, 2)))
end
