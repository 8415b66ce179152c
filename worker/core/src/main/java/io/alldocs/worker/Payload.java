package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads an item's payload; what is missing or wrong is named, so that the dead letter tells what to mend. */
final class Payload {
    private final WorkItem item;
    private final JsonNode json;

    Payload(WorkItem item) {
        this.item = item;
        this.json = item.payload();
        if (!json.isObject()) {
            throw wrong("is a JSON object");
        }
    }

    boolean has(String member) {
        return json.hasNonNull(member);
    }

    String text(String member) {
        return optionalText(member).orElseThrow(() -> wrong("has a " + member));
    }

    Optional<String> optionalText(String member) {
        if (!has(member)) {
            return Optional.empty();
        }
        JsonNode value = json.path(member);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw wrong("has as " + member + " a string that is not empty");
        }
        return Optional.of(value.textValue());
    }

    /** @param fallback when absent; -1 for a member that must be there */
    int number(String member, int fallback, int min, int max) {
        if (!has(member) && fallback >= 0) {
            return fallback;
        }
        JsonNode value = json.path(member);
        if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < min || value.intValue() > max) {
            throw wrong("has as " + member + " a whole number from " + min + " to " + max);
        }
        return value.intValue();
    }

    boolean flag(String member) {
        if (!has(member)) {
            return false;
        }
        if (!json.path(member).isBoolean()) {
            throw wrong("has as " + member + " true or false");
        }
        return json.path(member).booleanValue();
    }

    /** Texts of which the first and the last may be null: pivots whose ends are open. */
    List<@Nullable String> pivots(String member, int max) {
        JsonNode array = json.path(member);
        List<@Nullable String> pivots = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            JsonNode each = array.path(i);
            boolean open = each.isNull() && (i == 0 || i == array.size() - 1);
            if (!open && !each.isTextual()) {
                throw wrong("has as " + member + " an array of strings, of which the first and the last may be null");
            }
            pivots.add(open ? null : each.textValue());
        }
        if (!array.isArray() || pivots.size() > max) {
            throw wrong("has as " + member + " an array of at most " + max + " strings");
        }
        return pivots;
    }

    List<String> texts(String member, int max) {
        JsonNode array = json.path(member);
        List<String> texts = new ArrayList<>();
        array.forEach(each -> {
            if (each.isTextual()) {
                texts.add(each.textValue());
            }
        });
        if (!array.isArray() || texts.size() != array.size() || texts.size() > max) {
            throw wrong("has as " + member + " an array of at most " + max + " strings");
        }
        return texts;
    }

    private IllegalArgumentException wrong(String expected) {
        return new IllegalArgumentException("The payload of a " + item.type() + " item " + expected + ".");
    }
}
