select * from {{ function('footprints_under') }}(instant, instant, instant)
