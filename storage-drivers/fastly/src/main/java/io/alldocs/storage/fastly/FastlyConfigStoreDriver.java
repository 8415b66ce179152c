package io.alldocs.storage.fastly;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A read-only storage driver for a Fastly <a
 * href="https://www.fastly.com/documentation/reference/api/services/resources/config-store-item/">config store</a> or a
 * <a href="https://www.fastly.com/documentation/reference/api/dictionaries/dictionary-item/">dictionary</a> of a
 * service. The JavaScript project looks up its entries there at the edge. The driver name is {@code fastly-config}.
 *
 * <ul>
 * <li>All writing methods throw {@link UnsupportedStorageOperationException}. Such stores are small, hold settings, and
 * are written when a service is deployed. To store packuments use {@link FastlyStorageDriver}.
 * <li>{@link #get}, {@link #head} and {@link #has} send one request each. Until the driver has seen an item of the
 * store, an absent key costs one more request.
 * <li>Keys have at most 256 characters; only keys of one-byte characters are certain to fit. Values are text of at most
 * 8,000 characters, read as bare bodies.
 * <li>Listing is in {@code KeyOrder.UTF8}. All requests are sent before the first key is returned: one request for a
 * config store, one per 100 keys for a dictionary.
 * <li>Readers see a change <a
 * href="https://www.fastly.com/documentation/guides/concepts/edge-state/dynamic-config/">within seconds</a>.
 * </ul>
 */
public final class FastlyConfigStoreDriver implements StorageDriver {
    static final String NAME = "fastly-config";

    /** Limits of items as in the class description, converted to bytes of UTF-8: up to three per UTF-16 unit. */
    private static final StorageCapabilities CAPABILITIES =
            new StorageCapabilities(true, 256, 3 * 8000L, false, false, false, 1);

    private static final int PAGE = 100;

    private final String path;
    private final boolean paged;
    private final DriverSupport support;
    private final FastlyStore store;

    private FastlyConfigStoreDriver(Builder builder) {
        this.path = builder.path;
        this.paged = builder.paged;
        this.support = new DriverSupport(NAME, builder.description, CAPABILITIES, UnaryOperator.identity());
        FastlyApi api = builder.api();
        ClientRequest probe = api.get(path + "/items" + (paged ? "?page=1&per_page=1" : ""));
        this.store = new FastlyStore(api, probe, support, builder.kind);
    }

    /**
     * Returns a builder for a driver on the config store with this id, which must exist.
     *
     * @throws IllegalArgumentException if the id is not valid
     */
    public static Builder configStore(String id) {
        return new Builder(
                "the config store",
                "Fastly config store " + id,
                "/resources/stores/config/" + ApiBuilder.requireId("config store", id),
                false);
    }

    /**
     * Returns a builder for a driver on the dictionary {@code id} of the service {@code service}. Both must exist, and
     * the dictionary must not be write-only.
     *
     * @throws IllegalArgumentException if one of the ids is not valid
     */
    public static Builder dictionary(String service, String id) {
        return new Builder(
                "the dictionary",
                "Fastly dictionary " + id + " of service " + service,
                "/service/" + ApiBuilder.requireId("service", service) + "/dictionary/"
                        + ApiBuilder.requireId("dictionary", id),
                true);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public StorageCapabilities capabilities() {
        return CAPABILITIES;
    }

    /** Returns {@link EntryFormat#JSON}, the format of the JavaScript project. */
    @Override
    public EntryFormat preferredFormat() {
        return EntryFormat.JSON;
    }

    // ---- reading

    @Override
    public Optional<StoredEntry> get(String key) {
        return read("read", key);
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        return read("read the head of", key).map(StoredEntry::head);
    }

    private Optional<StoredEntry> read(String verb, String key) {
        ClientRequest call = store.api()
                .get(path + "/item/" + ClientRequest.encoded(support.nameOf(key)))
                .accepting(FastlyStore.NOT_FOUND);
        return store.sendForItem(verb, key, call, FastlyConfigStoreDriver::item).map(FastlyConfigStoreDriver::entry);
    }

    private static JsonNode item(ClientResponse reply) throws IOException {
        JsonNode item = FastlyApi.json(reply);
        FastlyApi.require(item.has("item_value"), "the member item_value of an item", reply);
        return item;
    }

    private static StoredEntry entry(JsonNode item) {
        byte[] value = item.path("item_value").asText("").getBytes(StandardCharsets.UTF_8);
        return new StoredEntry(EntryMetadata.bare(value.length, null, updatedAt(item)), Body.of(value));
    }

    private static Instant updatedAt(JsonNode item) {
        try {
            return Instant.parse(item.path("updated_at").asText(""));
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        support.requireOpen();
        TreeSet<String> keys = new TreeSet<>(KeyOrder.UTF8);
        int page = 1;
        while (add(page, prefix, keys) == PAGE && paged) {
            page++;
        }
        store.seen();
        return keys.stream().filter(key -> startAfter == null || KeyOrder.UTF8.compare(key, startAfter) > 0);
    }

    /** Adds the keys of a page; returns the number of items in the page. */
    private int add(int page, String prefix, Collection<String> keys) {
        ClientRequest call = store.api().get(path + "/items" + (paged ? "?page=" + page + "&per_page=" + PAGE : ""));
        JsonNode items = store.send("list the keys that begin with", prefix, call, FastlyConfigStoreDriver::items);
        for (JsonNode item : items) {
            String key = item.path("item_key").asText("");
            if (key.startsWith(prefix) && !key.isEmpty()) {
                keys.add(key);
            }
        }
        return items.size();
    }

    private static JsonNode items(ClientResponse reply) throws IOException {
        JsonNode items = FastlyApi.json(reply);
        FastlyApi.require(items.isArray(), "a list of items", reply);
        return items;
    }

    // ---- writing

    /**
     * Not supported.
     *
     * @throws UnsupportedStorageOperationException always
     */
    @Override
    public void put(String key, EntryMetadata head, Body body) {
        throw readOnly("store", key);
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedStorageOperationException always
     */
    @Override
    public boolean putHead(String key, EntryMetadata head) {
        throw readOnly("store the head of", key);
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedStorageOperationException always
     */
    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        throw readOnly("store", key);
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedStorageOperationException always
     */
    @Override
    public void delete(String key) {
        throw readOnly("delete", key);
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedStorageOperationException always, even if {@code entries} is empty
     */
    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        throw readOnly("store", String.join(", ", entries.keySet()));
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedStorageOperationException always, even if {@code keys} is empty
     */
    @Override
    public void deleteBatch(Collection<String> keys) {
        throw readOnly("delete", String.join(", ", keys));
    }

    private UnsupportedStorageOperationException readOnly(String verb, String key) {
        support.requireOpen();
        return new UnsupportedStorageOperationException("Cannot " + support.described(verb, key) + " (driver " + NAME
                + "): this driver is read-only. Use the driver " + FastlyStorageDriver.NAME
                + ", which writes to a KV store.");
    }

    // ---- the rest

    /** Closes the driver, and the client if the builder created it. Idempotent. */
    @Override
    public void close() {
        if (support.close()) {
            store.api().close();
        }
    }

    /** Returns the name of the store, for messages. */
    @Override
    public String toString() {
        return support.toString();
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder extends ApiBuilder<Builder> {
        private final String kind;
        private final String description;
        private final String path;
        private final boolean paged;

        private Builder(String kind, String description, String path, boolean paged) {
            super(NAME);
            this.kind = kind;
            this.description = description;
            this.path = path;
            this.paged = paged;
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Creates the driver. Sends no requests.
         *
         * @throws IllegalArgumentException if there is no token
         */
        public FastlyConfigStoreDriver build() {
            return new FastlyConfigStoreDriver(this);
        }
    }
}
