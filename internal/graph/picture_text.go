package graph

// Sizes of the text in pixels.
const (
	sizeTitle  = 18
	sizeName   = 14
	sizeLabel  = 13
	sizeDetail = 12.0
)

// The widths of the printable ASCII characters in thousandths of the size, for
// each the larger of DejaVu Sans and Liberation Sans (Arial's metrics): DejaVu
// is about the widest font that a generic family stands for.
var (
	regularWidths = [95]int{
		318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337, 637, 637, 637,
		637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 557, 1016, 685, 687, 723, 771, 667,
		611, 778, 752, 295, 500, 667, 558, 863, 749, 788, 667, 788, 723, 667, 611, 732, 685, 989, 686,
		667, 686, 391, 337, 391, 838, 557, 500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580,
		278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
	}
	boldWidths = [95]int{
		349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366, 696, 696, 696,
		696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 611, 1000, 774, 763, 734, 831, 684,
		684, 821, 837, 373, 557, 775, 638, 996, 837, 851, 733, 851, 771, 721, 683, 813, 774, 1104, 771,
		725, 726, 458, 366, 458, 838, 557, 500, 675, 716, 593, 716, 679, 436, 716, 712, 343, 343, 666,
		343, 1042, 712, 688, 716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712, 366, 712, 838,
	}
)

// textWidth is how many pixels a text takes at most.
func textWidth(s string, size float64, bold bool) int {
	table := regularWidths
	if bold {
		table = boldWidths
	}
	sum := 0
	for _, r := range s {
		if r >= ' ' && r <= '~' {
			sum += table[r-' ']
		} else {
			// As wide as high: the arrow, the ellipsis and the scripts of Asia.
			sum += 1000
		}
	}
	return int(float64(sum)*size/1000) + 1
}

// fitText shortens a text to a width, marked by an ellipsis.
func fitText(s string, width int, size float64, bold bool) string {
	if textWidth(s, size, bold) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 {
		runes = runes[:len(runes)-1]
		if short := string(runes) + "…"; textWidth(short, size, bold) <= width {
			return short
		}
	}
	return ""
}
