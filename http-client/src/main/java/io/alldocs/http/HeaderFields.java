package io.alldocs.http;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Header fields of a request that were checked once, with names in lower case, in the order of their names. Copies of a
 * call share them, because a request is built in several steps. Immutable.
 */
final class HeaderFields extends AbstractMap<String, String> {
    static final HeaderFields NONE = new HeaderFields(new TreeMap<>());

    private final Map<String, String> fields;

    private HeaderFields(Map<String, String> fields) {
        this.fields = Collections.unmodifiableMap(fields);
    }

    /** @throws IllegalArgumentException if a field cannot be sent; the message never repeats its value */
    static HeaderFields of(Map<String, String> headers) {
        if (headers instanceof HeaderFields checked) {
            return checked;
        }
        return headers.isEmpty() ? NONE : NONE.with(headers);
    }

    /**
     * Returns these fields and {@code more}, which replace fields of the same name.
     *
     * @throws IllegalArgumentException if a field cannot be sent; the message never repeats its value
     */
    HeaderFields with(Map<String, String> more) {
        if (more.isEmpty()) {
            return this;
        }
        Map<String, String> all = new TreeMap<>(fields);
        for (Map.Entry<String, String> field : more.entrySet()) {
            Headers.check(field.getKey(), field.getValue());
            all.put(field.getKey().toLowerCase(Locale.ROOT), field.getValue());
        }
        return new HeaderFields(all);
    }

    @Override
    public Set<Map.Entry<String, String>> entrySet() {
        return fields.entrySet();
    }

    @Override
    public @Nullable String get(@Nullable Object name) {
        return fields.get(name);
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return fields.containsKey(name);
    }
}
