package io.alldocs.partition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A position in a {@code _changes} feed: a whole number on npm and CouchDB 1, an opaque text on CouchDB 2 and later. Immutable.
 */
public final class Sequence {
    /** Before the first change. */
    public static final Sequence ZERO = of(0);

    /** As Java writes a long, so that the text stays the same. */
    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|-?[1-9][0-9]*");

    private final JsonNode json;

    private Sequence(JsonNode json) {
        this.json = json;
    }

    /** The position with this number. */
    public static Sequence of(long number) {
        return new Sequence(JsonNodeFactory.instance.numberNode(number));
    }

    /**
     * A position as a server wrote it.
     *
     * @throws IllegalArgumentException when {@code json} is neither a whole number nor a text
     */
    public static Sequence of(JsonNode json) {
        if (json.isTextual()) {
            return new Sequence(json);
        }
        if (json.isIntegralNumber() && json.canConvertToLong()) {
            return of(json.longValue());
        }
        throw new IllegalArgumentException(
                "A sequence is a whole number or a text, not " + Keys.quote(json.toString()) + ".");
    }

    /**
     * Reads back what {@link #toString()} returns: a whole number, or an opaque text.
     *
     * @param text not empty
     * @throws IllegalArgumentException when {@code text} is empty or blank
     */
    public static Sequence parse(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("A sequence must not be empty.");
        }
        if (WHOLE_NUMBER.matcher(text).matches()) {
            try {
                return of(Long.parseLong(text));
            } catch (NumberFormatException e) {
                // Larger than any number that a server counts to: an opaque text.
            }
        }
        return new Sequence(JsonNodeFactory.instance.textNode(text));
    }

    /** The number, empty for opaque positions. */
    public OptionalLong number() {
        return json.isNumber() ? OptionalLong.of(json.longValue()) : OptionalLong.empty();
    }

    /** Whether this position is known to lie before {@code other}: both are numbers and this one is lower. Opaque positions never are. */
    public boolean isBefore(Sequence other) {
        return json.isNumber() && other.json.isNumber() && json.longValue() < other.json.longValue();
    }

    /** The position as the server wrote it, for a checkpoint or a report. */
    public JsonNode toJson() {
        return json;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Sequence that && json.equals(that.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** The text that a {@code since} parameter carries. */
    @Override
    public String toString() {
        return json.asText();
    }
}
