package io.alldocs.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Draws charts. The shapes are SVG, which is stretched to the available width. The labels are HTML next to the SVG, so
 * that they keep their size on a phone. Each chart has a text that describes it.
 */
final class Charts {
    private static final double HEIGHT = 100;
    private static final double COLUMN = 10;
    private static final double GAP = 1.5;

    private final Html html;

    Charts(Html html) {
        this.html = html;
    }

    /** One category of values, drawn in the colour of its style. */
    record Segment(String style, long value) {}

    /**
     * One column of a chart.
     *
     * @param title the tooltip
     * @param segments segments from the bottom up
     * @param mark value at which a line crosses the column; negative for no line
     */
    record Column(String title, List<Segment> segments, long mark) {
        long total() {
            return segments.stream().mapToLong(Segment::value).sum();
        }
    }

    /** A label that spans a number of columns and is placed below the first of them. */
    record Tick(int columns, String label) {}

    /** One bar of a list. {@code pointer} and {@code value} have the meaning of {@link Html#number}. */
    record Bar(String label, String pointer, long value, String text) {}

    /**
     * Draws stacked columns. The scale begins at 0.
     *
     * @param size {@code low} for half the height; empty for the full height
     * @param below labels below the columns
     */
    void columns(String words, String size, List<Column> columns, List<Tick> below) {
        long most = columns.stream()
                .mapToLong(column -> Math.max(column.total(), column.mark()))
                .max()
                .orElse(0);
        long top = ceiling(most);
        openPlot(words, size, top, columns.size() * COLUMN);
        for (int i = 0; i < columns.size(); i++) {
            column(columns.get(i), i * COLUMN, top);
        }
        closePlot(below);
    }

    private void column(Column column, double left, long top) {
        html.open("g", "class", "column").element("title", column.title());
        double floor = HEIGHT;
        for (Segment segment : column.segments()) {
            double height = HEIGHT * segment.value() / top;
            floor -= height;
            rect(segment.style(), left + GAP / 2, floor, COLUMN - GAP, height);
        }
        if (column.mark() >= 0) {
            double y = HEIGHT - HEIGHT * column.mark() / top;
            html.shape("path", "class", "mark", "d", "M" + at(left) + ' ' + at(y) + 'h' + at(COLUMN));
        }
        html.close();
    }

    /** Draws a line and the filled area below it, with {@code values} at even distances. */
    void area(String words, List<Long> values, List<Tick> below) {
        long top = ceiling(values.stream().mapToLong(Long::longValue).max().orElse(0));
        openPlot(words, "low", top, values.size() * COLUMN);
        StringBuilder path = new StringBuilder("M0 " + at(HEIGHT));
        for (int i = 0; i < values.size(); i++) {
            double y = HEIGHT - HEIGHT * values.get(i) / top;
            path.append('L')
                    .append(at(i * COLUMN))
                    .append(' ')
                    .append(at(y))
                    .append('h')
                    .append(at(COLUMN));
        }
        html.shape(
                "path",
                "class",
                "accent",
                "d",
                path.append('V').append(at(HEIGHT)).append('Z').toString());
        closePlot(below);
    }

    private void openPlot(String words, String size, long top, double width) {
        html.open("div", "class", ("plot " + size).strip());
        html.open("div", "class", "scale", "aria-hidden", "true");
        html.element("span", Words.number(top)).element("span", top % 2 == 0 ? Words.number(top / 2) : "");
        html.element("span", "0").close();
        openSvg(words, width, HEIGHT);
        for (double y : new double[] {0, HEIGHT / 2, HEIGHT}) {
            html.shape("path", "class", "rule", "d", "M0 " + at(y) + 'h' + at(width));
        }
    }

    /** Writes the ticks and closes the plot. Two ticks form a group, so that a phone can hide every second one. */
    private void closePlot(List<Tick> below) {
        html.close();
        html.open("div", "class", "ends", "aria-hidden", "true");
        for (int i = 0; i < below.size(); i += 2) {
            List<Tick> group = below.subList(i, Math.min(i + 2, below.size()));
            html.open(
                    "div",
                    "style",
                    "flex-grow: " + group.stream().mapToInt(Tick::columns).sum());
            group.forEach(tick -> html.open("span", "style", "flex-grow: " + tick.columns(), "title", tick.label())
                    .name(tick.label())
                    .close());
            html.close();
        }
        html.close().close();
    }

    /**
     * Returns ticks at about the quarters of {@code columns} columns. Each has the label of the column at its position.
     */
    static List<Tick> quarters(int columns, IntFunction<String> label) {
        List<Tick> ticks = new ArrayList<>();
        int parts = Math.min(4, columns);
        for (int i = 0; i < parts; i++) {
            int from = columns * i / parts;
            ticks.add(new Tick(columns * (i + 1) / parts - from, label.apply(from)));
        }
        return ticks;
    }

    /** Draws the parts of a whole side by side. */
    void strip(String words, List<Segment> segments) {
        long whole = Math.max(1, segments.stream().mapToLong(Segment::value).sum());
        html.open("div", "class", "strip");
        openSvg(words, HEIGHT, COLUMN);
        double left = 0;
        for (Segment segment : segments) {
            double width = HEIGHT * segment.value() / whole;
            rect(segment.style(), left, 0, width, COLUMN);
            left += width;
        }
        html.close().close();
    }

    /**
     * Draws horizontal bars with label and number. The longest bar fills the width.
     *
     * @param named whether the labels are package names, which get more space
     */
    void bars(List<Bar> bars, boolean named) {
        long most = Math.max(1, bars.stream().mapToLong(Bar::value).max().orElse(1));
        html.open("dl", "class", named ? "rows named" : "rows");
        for (Bar bar : bars) {
            html.open("div").open("dt").name(bar.label()).close();
            html.open("dd", "aria-hidden", "true");
            html.open("svg", "viewBox", "0 0 100 10", "preserveAspectRatio", "none");
            rect("track", 0, 0, HEIGHT, COLUMN);
            rect("accent", 0, 0, HEIGHT * bar.value() / most, COLUMN);
            html.close().close();
            html.open("dd")
                    .number(bar.pointer(), bar.value(), bar.text())
                    .close()
                    .close();
        }
        html.close();
    }

    private void openSvg(String words, double width, double height) {
        html.open(
                "svg",
                "viewBox",
                "0 0 " + at(width) + ' ' + at(height),
                "preserveAspectRatio",
                "none",
                "role",
                "img",
                "aria-label",
                words);
    }

    private void rect(String style, double x, double y, double width, double height) {
        if (width > 0 && height > 0) {
            html.shape("rect", "class", style, "x", at(x), "y", at(y), "width", at(width), "height", at(height));
        }
    }

    /** Returns the shortest decimal with at most three decimal places. */
    private static String at(double value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /**
     * Returns the smallest value that is at least {@code value} and is 1, 2, 4, 5, 6, 8 or 10 times a power of ten.
     * Half of such a value is a round number too.
     */
    static long ceiling(long value) {
        long power = 1;
        while (power * 10 <= value) {
            power *= 10;
        }
        List<Long> steps = new ArrayList<>(List.of(1L, 2L, 4L, 5L, 6L, 8L, 10L));
        for (long step : steps) {
            if (step * power >= value) {
                return Math.max(1, step * power);
            }
        }
        throw new IllegalStateException("Ten times the power is above " + value);
    }
}
