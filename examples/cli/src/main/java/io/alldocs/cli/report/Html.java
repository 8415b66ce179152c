package io.alldocs.cli.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes HTML with embedded SVG. This class escapes all text and all values of attributes, so that no name can become
 * markup. Callers pass unescaped text. Not thread-safe.
 */
final class Html {
    private final StringBuilder out = new StringBuilder("<!doctype html>\n");
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element. {@code attributes} alternates names and values. */
    Html open(String element, String... attributes) {
        tag(element, attributes);
        out.append('>');
        open.push(element);
        return this;
    }

    /** Writes an element that has no end tag in HTML. */
    Html single(String element, String... attributes) {
        tag(element, attributes);
        out.append('>');
        return this;
    }

    /** Writes an SVG element without content. */
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

    /** Writes an element that contains only text. */
    Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    Html text(String text) {
        out.append(escaped(text));
        return this;
    }

    /**
     * Writes a package name, isolated from the text around it, so that right-to-left letters in the name do not reorder
     * that text.
     */
    Html name(String name) {
        return element("bdi", name);
    }

    /**
     * Writes a number for both people and programs.
     *
     * @param pointer JSON Pointer (RFC 6901) of the number in the JSON report
     */
    Html number(String pointer, Object value, String text) {
        return element("data", text, "data-key", pointer, "value", value.toString());
    }

    /** Writes a trusted style sheet, which must not contain an end tag. */
    Html style(String css) {
        if (css.contains("</")) {
            throw new IllegalArgumentException("A style sheet must not contain an end tag");
        }
        out.append("<style>\n").append(css).append("</style>\n");
        return this;
    }

    /** Returns the document. All elements must be closed. */
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

    /** Returns whether HTML allows a code point as text. It excludes control characters and single surrogates. */
    private static boolean isShown(int point) {
        boolean control = Character.getType(point) == Character.CONTROL && point != '\n' && point != '\t';
        return !control && Character.getType(point) != Character.SURROGATE;
    }
}
