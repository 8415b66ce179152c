package io.alldocs.storage.emulators;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The items of one KV store, with limits, generations, a listing in arbitrary order, and reads that may be stale. */
public final class FakeItems {
    private static final int MAX_NAME_BYTES = 1024;
    private static final int MAX_METADATA_BYTES = 2000;
    private static final int MAX_VALUE_BYTES = 25_000_000;

    /** An arbitrary order, because Fastly guarantees none. */
    private static final Comparator<String> ORDER = Comparator.<String>comparingInt(
                    name -> Integer.reverse(name.hashCode() * 31))
            .thenComparing(name -> name);

    /** A stored value. */
    public record Item(byte[] value, String metadata, long generation, Instant modified) {}

    /** @param nextCursor null after the last page */
    record Page(List<String> names, @Nullable String nextCursor) {}

    /** Thrown for an error response. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        final int status;

        Refused(int status, @Nullable String title) {
            super(title);
            this.status = status;
        }
    }

    private final Map<String, Item> items = new HashMap<>();
    private long generation = 1_750_707_676_353_461L;
    private Map<String, Item> before = Map.of();
    private int staleReads;

    /** Removes all items. */
    public synchronized void clear() {
        items.clear();
    }

    /** Makes the next {@code reads} reads return the current values, whatever is written meanwhile. */
    public synchronized void lagging(int reads) {
        before = new HashMap<>(items);
        staleReads = reads;
    }

    /**
     * Returns an item as a read shows it.
     *
     * @throws Refused 404 if it does not exist
     */
    public synchronized Item read(String name) throws Refused {
        requireName(name);
        boolean stale = staleReads > 0;
        staleReads -= stale ? 1 : 0;
        Item item = (stale ? before : items).get(name);
        if (item == null) {
            throw new Refused(404, "Item not found");
        }
        return item;
    }

    /**
     * Stores an item.
     *
     * @param ifGeneration the generation that it must replace; null for any
     * @param add whether the item must not exist yet
     * @throws Refused 412 if a condition fails; 400 or 413 beyond a limit
     */
    public synchronized void put(String name, byte[] value, String metadata, @Nullable String ifGeneration, boolean add)
            throws Refused {
        requireName(name);
        if (value.length > MAX_VALUE_BYTES) {
            throw new Refused(413, "Payload Too Large");
        }
        if (metadata.getBytes(StandardCharsets.UTF_8).length > MAX_METADATA_BYTES) {
            throw new Refused(400, "Metadata too large");
        }
        Item old = items.get(name);
        boolean changed = ifGeneration != null && (old == null || old.generation() != Long.parseLong(ifGeneration));
        if (changed || (add && old != null)) {
            throw new Refused(412, null);
        }
        items.put(name, new Item(value, metadata, ++generation, Instant.now()));
    }

    synchronized void delete(String name, boolean force) throws Refused {
        requireName(name);
        if (items.remove(name) == null && !force) {
            throw new Refused(404, "Item not found");
        }
    }

    synchronized Page list(String prefix, @Nullable String cursor, int limit) throws Refused {
        String last = cursor == null ? null : new String(Base64.getDecoder().decode(cursor), StandardCharsets.UTF_8);
        List<String> names = items.keySet().stream()
                .filter(name -> name.startsWith(prefix) && (last == null || ORDER.compare(name, last) > 0))
                .sorted(ORDER)
                .limit(limit + 1L)
                .toList();
        if (names.size() <= limit) {
            return new Page(names, null);
        }
        byte[] next = names.get(limit - 1).getBytes(StandardCharsets.UTF_8);
        return new Page(names.subList(0, limit), Base64.getEncoder().encodeToString(next));
    }

    /**
     * <a href="https://docs.fastly.com/en/guides/working-with-kv-stores#limitations-and-considerations">Limitations and
     * considerations</a>.
     */
    private static void requireName(String name) throws Refused {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        boolean dots = name.equals(".")
                || name.startsWith("..")
                || name.contains("./")
                || name.endsWith("/.")
                || name.endsWith("/..");
        boolean special = name.chars().anyMatch(c -> "#;?^|\r\n".indexOf(c) >= 0);
        boolean alone = name.length() == 1 && (name.charAt(0) <= ' ' || name.charAt(0) >= '\ufffe');
        if (bytes < 1 || bytes > MAX_NAME_BYTES || dots || special || alone || name.startsWith(".well-known/acme")) {
            throw new Refused(400, "Invalid key");
        }
    }
}
