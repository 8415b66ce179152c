package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StoredEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Stores and deletes many entries, in transactions of limited size. */
final class BatchWriter {
    /** Maximum number of entries in a transaction. */
    static final int MAX_BATCH = 500;

    private static final long MAX_BYTES = 8 << 20;

    private final Connections connections;
    private final StorageCapabilities capabilities;

    BatchWriter(Connections connections, StorageCapabilities capabilities) {
        this.connections = connections;
        this.capabilities = capabilities;
    }

    void put(Map<String, StoredEntry> entries) {
        entries.forEach((key, entry) -> {
            capabilities.requireKey(key);
            StorageCapabilities.requireSize(entry.head(), entry.body().sizeBytes());
        });
        List<Content.Keyed> batch = new ArrayList<>();
        long bytes = 0;
        try {
            for (Map.Entry<String, StoredEntry> each : entries.entrySet()) {
                Content.Keyed content = keyed(each.getKey(), each.getValue());
                batch.add(content);
                bytes += content.body().sizeBytes();
                if (batch.size() == MAX_BATCH || bytes >= MAX_BYTES) {
                    putAll(batch);
                    bytes = 0;
                }
            }
            if (!batch.isEmpty()) {
                putAll(batch);
            }
        } finally {
            batch.forEach(content -> content.body().close());
        }
    }

    private Content.Keyed keyed(String key, StoredEntry entry) {
        return connections.change(
                "store",
                key,
                commits -> new Content.Keyed(
                        key, entry.head().toJson(), Content.of(entry.body(), connections.database())));
    }

    /** Stores, closes and clears {@code batch}. */
    private void putAll(List<Content.Keyed> batch) {
        long bytes =
                batch.stream().mapToLong(content -> content.body().sizeBytes()).sum();
        connections.change(
                "store a batch that begins with",
                batch.get(0).key(),
                commits -> commits.commit(bytes, writer -> {
                    for (Content.Keyed content : batch) {
                        writer.put(content.key(), content.head(), content.body());
                    }
                    return true;
                }));
        batch.forEach(content -> content.body().close());
        batch.clear();
    }

    void delete(Collection<String> keys) {
        connections.requireWritable();
        keys.forEach(capabilities::requireKey);
        List<String> all = List.copyOf(keys);
        for (int i = 0; i < all.size(); i += MAX_BATCH) {
            List<String> batch = all.subList(i, Math.min(all.size(), i + MAX_BATCH));
            connections.change(
                    "delete a batch that begins with",
                    batch.get(0),
                    commits -> commits.commit(0, writer -> {
                        for (String key : batch) {
                            writer.delete(key);
                        }
                        return true;
                    }));
        }
    }
}
