package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.scan.CacheInventory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Represents an entry as one JSON object, from its key and its metadata. */
final class EntryJson {
    private static final Pattern CHECKPOINT = Pattern.compile("v1:checkpoint:(?<set>[0-9a-f]+):(?<rest>.+)");

    private EntryJson() {}

    static ObjectNode of(String key, EntryMetadata head) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("key", key).put("kind", CacheInventory.kindOf(key));
        CacheKey.find(key).ifPresent(parsed -> {
            json.put("origin", parsed.origin());
            parsed.packageName().ifPresent(name -> json.put("name", name));
            if (parsed.kind() == CacheKey.Kind.PARTITION) {
                json.put("start", parsed.start().orElse(null))
                        .put("end", parsed.end().orElse(null));
            }
        });
        json.put("status", head.status());
        putText(json, "outcome", head.outcome());
        putText(json, "rev", head.rev());
        putText(json, "encoding", head.encoding());
        putText(json, "integrity", head.integrity());
        json.put("bytes", head.sizeBytes());
        json.put("storedAt", head.storedAt().toString());
        json.put("validatedAt", head.validatedAt().toString());
        putText(json, "url", head.url());
        return json;
    }

    private static void putText(ObjectNode json, String member, @Nullable String text) {
        if (text != null) {
            json.put(member, text);
        }
    }

    /**
     * Returns a text that says what the key identifies: a package, a range of names, or the checkpoint of a job. For
     * other keys, returns the key itself.
     */
    static String label(String key) {
        return CacheKey.find(key)
                .map(parsed -> parsed.packageName()
                        .orElseGet(() -> "[" + parsed.start().orElse("") + " - "
                                + parsed.end().orElse("") + ")"))
                .orElseGet(() -> checkpoint(key).orElse(key));
    }

    /** Returns the address of the origin in the key, or that part of the key if it is not an address. */
    static String origin(String key) {
        return CacheKey.find(key)
                .map(parsed -> parsed.origin().equals("npm")
                        ? "npm"
                        : parsed.originAddress().map(URI::toString).orElse(parsed.origin()))
                .orElse("-");
    }

    /**
     * Returns the name of a checkpoint's set, which is hexadecimal in the key: {@code
     * v1:checkpoint:6e616d65:p:00000001}.
     */
    private static Optional<String> checkpoint(String key) {
        Matcher parts = CHECKPOINT.matcher(key);
        if (!parts.matches() || parts.group("set").length() % 2 != 0) {
            return Optional.empty();
        }
        String set = new String(HexFormat.of().parseHex(parts.group("set")), StandardCharsets.UTF_8);
        return Optional.of("checkpoint " + set + " " + parts.group("rest").replace(':', ' '));
    }
}
