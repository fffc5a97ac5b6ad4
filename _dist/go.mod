module lowrank/_dist

go 1.26.0
