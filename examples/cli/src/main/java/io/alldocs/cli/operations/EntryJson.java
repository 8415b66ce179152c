package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheStats;
import io.alldocs.cache.EntryHead;
import org.jspecify.annotations.Nullable;

/** An entry as one JSON object: what its key names, and what its head says. */
final class EntryJson {
    private EntryJson() {}

    static ObjectNode of(String key, EntryHead head) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("key", key).put("kind", CacheStats.kindOf(key));
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

    /** What the key names, for a line of text: a package, a range, or the key itself. */
    static String label(String key) {
        return CacheKey.find(key)
                .map(parsed -> parsed.packageName()
                        .orElseGet(() -> "[" + parsed.start().orElse("") + " - "
                                + parsed.end().orElse("") + ")"))
                .orElse(key);
    }
}
