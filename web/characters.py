"""Characters that draw nothing, though their category does not say so."""

# What draws nothing though its category is that of letters, marks or symbols: the characters that
# Unicode calls default-ignorable, the empty Braille pattern, the fillers of Khitan and of music,
# the stand-in for an object, the blanks of hieroglyphs.
BLANK = dict.fromkeys((
    0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164,
    *range(0xFE00, 0xFE10), 0xFFA0, 0xFFFC, 0x13441, 0x13442, 0x16FE4, 0x1D159,
    *range(0xE0100, 0xE01F0),
))  # fmt: skip
JOINERS = "\u200c\u200d"
