package io.alldocs.cli.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes HTML, and SVG inside it. Whatever is given as text or as the value of an attribute is escaped here and nowhere
 * else, so that no name, however it is spelt, is ever markup. Not thread-safe.
 */
final class Html {
    private final StringBuilder out = new StringBuilder("<!doctype html>\n");
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; attributes are names and values in turn. */
    Html open(String element, String... attributes) {
        tag(element, attributes);
        out.append('>');
        open.push(element);
        return this;
    }

    /** An element that has no end tag in HTML. */
    Html single(String element, String... attributes) {
        tag(element, attributes);
        out.append('>');
        return this;
    }

    /** An element of SVG without content. */
    Html shape(String element, String... attributes) {
        tag(element, attributes);
        out.append("/>");
        return this;
    }

    private void tag(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escaped(attributes[i + 1]))
                    .append('"');
        }
    }

    /** Closes the element that was opened last. */
    Html close() {
        String element = open.pop();
        out.append("</").append(element).append('>');
        if (element.length() > 2 && !element.equals("bdi") && !element.equals("data")) {
            out.append('\n');
        }
        return this;
    }

    /** An element with nothing but text. */
    Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    Html text(String text) {
        out.append(escaped(text));
        return this;
    }

    /**
     * A name that others chose: whatever direction its letters are written in, what stands beside it stays where it is.
     */
    Html name(String name) {
        return element("bdi", name);
    }

    /**
     * A number as a reader and as a program want it.
     *
     * @param pointer where it stands in the report as JSON (RFC 6901)
     */
    Html number(String pointer, Object value, String text) {
        return element("data", text, "data-key", pointer, "value", value.toString());
    }

    /** A style sheet of our own; it must not hold what ends one. */
    Html style(String css) {
        if (css.contains("</")) {
            throw new IllegalArgumentException("A style sheet cannot hold an end tag");
        }
        out.append("<style>\n").append(css).append("</style>\n");
        return this;
    }

    /** The document; everything that was opened must be closed. */
    String document() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("Not closed: " + open);
        }
        return out.toString();
    }

    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(isShown(point) ? point : 0xFFFD);
            }
        });
        return safe.toString();
    }

    /** Control characters and halves of surrogate pairs are no text in HTML. */
    private static boolean isShown(int point) {
        boolean control = Character.getType(point) == Character.CONTROL && point != '\n' && point != '\t';
        return !control && Character.getType(point) != Character.SURROGATE;
    }
}
