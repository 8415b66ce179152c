package io.alldocs.worker.internal.queue;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.internal.StoredJson;
import io.alldocs.worker.spi.QueueException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Persists the items of a local queue in a store, one value per item under {@code v1:queue:{hex(name)}:{number}}. It
 * also persists the numbers of the running items. Items that were running when the process ended count as lost leases.
 * An item that crashes its process therefore ends as a dead letter. Without a store it does nothing.
 */
final class QueueJournal {
    private static final int BATCH = 500;
    private static final String RUNNING = "running";

    /** Minimum difference between two clock readings to conclude that the clock was set. */
    private static final long SET_MILLIS = 60_000;

    private final @Nullable StorageDriver driver;
    private final String queue;
    private final String prefix;
    private final Clock clock;

    private QueueJournal(@Nullable StorageDriver driver, String queue, Clock clock) {
        this.driver = driver;
        this.queue = queue;
        this.clock = clock;
        this.prefix = "v1:queue:" + HexFormat.of().formatHex(queue.getBytes(StandardCharsets.UTF_8)) + ':';
    }

    static QueueJournal none(String queue) {
        return new QueueJournal(null, queue, Clock.systemUTC());
    }

    /** @throws IllegalArgumentException if the store lacks the required guarantees */
    static QueueJournal in(StorageDriver driver, String queue, Clock clock) {
        StorageCapabilities can = driver.capabilities();
        if (!can.writable() || !can.readAfterWrite()) {
            throw new IllegalArgumentException("The " + driver.name() + " store "
                    + (can.writable() ? "is eventually consistent" : "is read-only")
                    + ", so it cannot store the queue " + queue + ". Use another store, or keep the queue in memory.");
        }
        return new QueueJournal(driver, queue, clock);
    }

    /**
     * Loads all unfinished items, in no particular order; items that were running when the process ended have one more
     * lost lease. Times written while the clock was ahead are corrected: a delay keeps its length.
     *
     * @param now the queue's time
     */
    List<LocalItem> load(long now) {
        List<LocalItem> items = new ArrayList<>();
        List<LocalItem> changed = new ArrayList<>();
        attempt("read", store -> {
            Set<Long> ran = running(store);
            try (Stream<String> keys = store.list(prefix, null)) {
                List<String> page = new ArrayList<>(BATCH);
                for (Iterator<String> all = keys.iterator(); all.hasNext(); ) {
                    page.add(all.next());
                    if (page.size() == BATCH || !all.hasNext()) {
                        for (Map.Entry<String, StoredEntry> each :
                                store.getBatch(page).entrySet()) {
                            read(each.getKey(), each.getValue(), ran, now, items, changed);
                        }
                        page.clear();
                    }
                }
            }
        });
        write(changed, now);
        running(List.of());
        return items;
    }

    private Set<Long> running(StorageDriver store) {
        Set<Long> numbers = new HashSet<>();
        store.get(prefix + RUNNING)
                .ifPresent(entry -> json(prefix + RUNNING, entry).forEach(number -> numbers.add(number.longValue())));
        return numbers;
    }

    private void read(
            String key, StoredEntry entry, Set<Long> ran, long now, List<LocalItem> items, List<LocalItem> changed) {
        if (key.endsWith(RUNNING)) {
            entry.body().close();
            return;
        }
        JsonNode json = json(key, entry);
        JsonNode reason = json.get("reason");
        long at = json.path("at").longValue();
        long stored = entry.head().storedAt().toEpochMilli();
        long mended = mended(at, json.path("by").asLong(stored), stored, now);
        LocalItem item = new LocalItem(
                json.path("number").longValue(),
                json.path("type").textValue(),
                json.path("id").textValue(),
                Json.bytes(json.path("payload")),
                json.path("priority").intValue(),
                json.path("attempts").intValue(),
                json.path("lostLeases").intValue(),
                mended,
                reason == null ? null : reason.textValue());
        boolean isLost = ran.contains(item.number) && !item.isDead();
        LocalItem loaded = isLost ? item.lost() : item;
        items.add(loaded);
        if (isLost || mended != at) {
            changed.add(loaded);
        }
    }

    /**
     * Converts the time of an item to the current clock.
     *
     * @param by the queue's time when the item was stored; a queue whose clock is set back continues with its own time
     * @param stored the clock's time when the item was stored
     */
    private static long mended(long at, long by, long stored, long now) {
        boolean wasSet = Math.abs(stored - by) >= SET_MILLIS || stored - now >= SET_MILLIS;
        return wasSet ? at - by + Math.min(stored, now) : at;
    }

    private JsonNode json(String key, StoredEntry entry) {
        try (Body body = entry.body()) {
            byte[] bytes = body.toByteArray();
            if (entry.head().describes(Body.of(bytes))) {
                return Json.MAPPER.readTree(bytes);
            }
        } catch (IOException e) {
            throw new IntegrityException("The item " + key + " of the queue " + queue + " cannot be read", e);
        }
        throw new IntegrityException("The item " + key + " of the queue " + queue + " is damaged", null);
    }

    /**
     * Stores the current state of items.
     *
     * @param now the queue's time
     */
    void write(Collection<LocalItem> items, long now) {
        if (driver == null || items.isEmpty()) {
            return;
        }
        attempt("store " + items.size() + " items in", store -> {
            Map<String, StoredEntry> batch = new LinkedHashMap<>();
            for (LocalItem item : items) {
                batch.put(key(item), StoredJson.entry(json(item, now), clock));
                if (batch.size() == BATCH) {
                    store.putBatch(batch);
                    batch.clear();
                }
            }
            if (!batch.isEmpty()) {
                store.putBatch(batch);
            }
        });
    }

    /** Deletes items. */
    void delete(Collection<LocalItem> items) {
        if (driver != null && !items.isEmpty()) {
            attempt(
                    "delete " + items.size() + " items from",
                    store -> store.deleteBatch(items.stream().map(this::key).toList()));
        }
    }

    /** Records which items are running. */
    void running(Collection<LocalItem> items) {
        if (driver != null) {
            ArrayNode numbers = Json.MAPPER.createArrayNode();
            items.forEach(item -> numbers.add(item.number));
            StoredEntry entry = StoredJson.entry(Json.bytes(numbers), clock);
            attempt("record the running items of", store -> store.put(prefix + RUNNING, entry.head(), entry.body()));
        }
    }

    private String key(LocalItem item) {
        return prefix + HexFormat.of().toHexDigits(item.number);
    }

    private static byte[] json(LocalItem item, long now) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(item.payload.length + 256);
        try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("number", item.number);
            json.writeStringField("type", item.type);
            json.writeStringField("id", item.id);
            json.writeFieldName("payload");
            json.writeRawValue(new String(item.payload, StandardCharsets.UTF_8));
            json.writeNumberField("priority", item.priority);
            json.writeNumberField("attempts", item.attempts);
            json.writeNumberField("lostLeases", item.lostLeases);
            json.writeNumberField("at", item.atMillis);
            json.writeNumberField("by", now);
            if (item.reason != null) {
                json.writeStringField("reason", item.reason);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write an item to memory.", e);
        }
        return bytes.toByteArray();
    }

    private interface Step {
        void on(StorageDriver store);
    }

    private void attempt(String what, Step step) {
        if (driver == null) {
            return;
        }
        try {
            step.on(driver);
        } catch (StorageException e) {
            throw new QueueException(
                    "Cannot " + what + " the queue " + queue + " in the " + driver.name() + " store: " + e.getMessage(),
                    e.retryable(),
                    e);
        }
    }
}
