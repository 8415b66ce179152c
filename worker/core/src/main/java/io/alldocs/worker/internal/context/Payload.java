package io.alldocs.worker.internal.context;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.worker.WorkItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an item's payload. Messages name the member that is missing or invalid, so that the dead letter shows what to
 * fix.
 */
public final class Payload {
    /** Maximum number of characters of an invalid value in a message. */
    private static final int MAX_SHOWN = 100;

    private final WorkItem item;
    private final JsonNode json;

    public Payload(WorkItem item) {
        this.item = item;
        this.json = item.payload().as(JsonNode.class);
        if (!json.isObject()) {
            throw new IllegalArgumentException(
                    "The payload of a " + item.type() + " item must be a JSON object, but is " + shown(json) + ".");
        }
    }

    public boolean has(String member) {
        return json.hasNonNull(member);
    }

    public String text(String member) {
        return optionalText(member).orElseThrow(() -> wrong(member, "is required"));
    }

    public Optional<String> optionalText(String member) {
        if (!has(member)) {
            return Optional.empty();
        }
        JsonNode value = json.path(member);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw wrong(member, "must be a non-empty string");
        }
        return Optional.of(value.textValue());
    }

    /**
     * Returns a whole number.
     *
     * @param fallback value when the member is absent; -1 for a required member
     */
    public int number(String member, int fallback, int min, int max) {
        if (!has(member) && fallback >= 0) {
            return fallback;
        }
        JsonNode value = json.path(member);
        if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < min || value.intValue() > max) {
            throw wrong(member, "must be a whole number from " + min + " to " + max);
        }
        return value.intValue();
    }

    public boolean flag(String member) {
        if (!has(member)) {
            return false;
        }
        if (!json.path(member).isBoolean()) {
            throw wrong(member, "must be true or false");
        }
        return json.path(member).booleanValue();
    }

    /** Reads a list of strings of which the first and the last may be null: pivots with open ends. */
    public List<@Nullable String> pivots(String member, int max) {
        JsonNode array = json.path(member);
        List<@Nullable String> pivots = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            JsonNode each = array.path(i);
            boolean open = each.isNull() && (i == 0 || i == array.size() - 1);
            if (!open && !each.isTextual()) {
                throw wrong(member, "must be an array of strings, of which the first and the last may be null");
            }
            pivots.add(open ? null : each.textValue());
        }
        if (!array.isArray() || pivots.size() > max) {
            throw wrong(member, "must be an array of at most " + max + " strings");
        }
        return pivots;
    }

    public List<String> texts(String member, int max) {
        JsonNode array = json.path(member);
        List<String> texts = new ArrayList<>();
        array.forEach(each -> {
            if (each.isTextual()) {
                texts.add(each.textValue());
            }
        });
        if (!array.isArray() || texts.size() != array.size() || texts.size() > max) {
            throw wrong(member, "must be an array of at most " + max + " strings");
        }
        return texts;
    }

    /** Returns the error of a payload without any of the members that name what to process. */
    public IllegalArgumentException incomplete(String members) {
        return new IllegalArgumentException("A " + item.type() + " item needs payload." + members + ".");
    }

    private IllegalArgumentException wrong(String member, String rule) {
        JsonNode value = json.path(member);
        return new IllegalArgumentException("payload." + member + " of a " + item.type() + " item " + rule
                + (value.isMissingNode() ? "." : ", but is " + shown(value) + "."));
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
