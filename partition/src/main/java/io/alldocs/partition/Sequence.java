package io.alldocs.partition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.JsonTree;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A position in a {@code _changes} feed. It is a whole number on npm and CouchDB 1, and an opaque string on CouchDB 2
 * and later. Immutable.
 */
public final class Sequence {
    /** The position before the first change. */
    public static final Sequence ZERO = of(0);

    /**
     * Matches numbers in the form in which Java writes a long, so that converting a number back gives the same text.
     */
    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|-?[1-9][0-9]*");

    private final JsonNode json;

    private Sequence(JsonNode json) {
        this.json = json;
    }

    /** Returns the position with this number. */
    public static Sequence of(long number) {
        return new Sequence(JsonNodeFactory.instance.numberNode(number));
    }

    /**
     * Returns a position as a server wrote it.
     *
     * @throws IllegalArgumentException if {@code json} is neither a whole number nor a string
     */
    public static Sequence of(JsonTree json) {
        return of(json.as(JsonNode.class));
    }

    static Sequence of(JsonNode json) {
        if (json.isTextual()) {
            return new Sequence(json);
        }
        if (json.isIntegralNumber() && json.canConvertToLong()) {
            return of(json.longValue());
        }
        throw new IllegalArgumentException(
                "A sequence must be a whole number or a string, but is " + Keys.quote(json.toString()) + ".");
    }

    /**
     * Parses the result of {@link #toString()}: a whole number, or an opaque string.
     *
     * @param text not empty
     * @throws IllegalArgumentException if {@code text} is empty or blank
     */
    public static Sequence parse(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("The sequence must not be empty.");
        }
        if (WHOLE_NUMBER.matcher(text).matches()) {
            try {
                return of(Long.parseLong(text));
            } catch (NumberFormatException e) {
                // The number does not fit a long. No server uses such a high number, so treat the text as opaque.
            }
        }
        return new Sequence(JsonNodeFactory.instance.textNode(text));
    }

    /** Returns the number; empty for opaque positions. */
    public OptionalLong number() {
        return json.isNumber() ? OptionalLong.of(json.longValue()) : OptionalLong.empty();
    }

    /**
     * Returns whether this position is known to be before {@code other}: both are numbers, and this one is lower.
     * Always false for opaque positions.
     */
    public boolean isBefore(Sequence other) {
        return json.isNumber() && other.json.isNumber() && json.longValue() < other.json.longValue();
    }

    /** Returns the position as the server wrote it, for a checkpoint or a report. */
    public JsonTree toJson() {
        return JsonTree.of(json);
    }

    JsonNode node() {
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

    /** Returns the value of a {@code since} parameter. */
    @Override
    public String toString() {
        return json.asText();
    }
}
