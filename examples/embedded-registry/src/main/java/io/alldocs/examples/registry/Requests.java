package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToIntFunction;

/**
 * Counts the requests since the registry started or since {@link #reset()}. Safe for concurrent use. A request is
 * counted when its headers have arrived, before the client receives the response. Counts per name cost one byte per
 * name.
 */
public final class Requests {
    /** Maximum number of arrival times that are kept. They need 8 MB. */
    private static final int MAX_STARTS = 1_000_000;

    private final NameArena names;
    private final byte[] perRank;
    private final Map<String, Integer> perOther = new ConcurrentHashMap<>();
    private final Map<String, Integer> refused = new ConcurrentHashMap<>();
    private final Map<Endpoint, LongAdder> perEndpoint = new EnumMap<>(Endpoint.class);
    private final Map<Integer, LongAdder> perStatus = new ConcurrentHashMap<>();
    private final LongAdder bodyBytes = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();
    private long[] starts = new long[256];
    private int startCount;

    Requests(NameArena names) {
        this.names = names;
        this.perRank = new byte[names.size()];
        for (Endpoint endpoint : Endpoint.values()) {
            perEndpoint.put(endpoint, new LongAdder());
        }
    }

    /** Returns how many requests arrived. */
    public long total() {
        long sum = 0;
        for (Endpoint endpoint : Endpoint.values()) {
            sum += count(endpoint);
        }
        return sum;
    }

    /** Returns how many requests arrived for one endpoint. */
    public long count(Endpoint endpoint) {
        return adder(endpoint).sum();
    }

    /** Returns how many responses had {@code status}. Requests that were reset or are still stalled have none. */
    public long status(int status) {
        LongAdder count = perStatus.get(status);
        return count == null ? 0 : count.sum();
    }

    /** Returns the number of responses by status. */
    public SortedMap<Integer, Long> statuses() {
        SortedMap<Integer, Long> sums = new TreeMap<>();
        perStatus.forEach((status, count) -> sums.put(status, count.sum()));
        return sums;
    }

    /** Returns how often the packument of {@code name} was requested, in either form; 255 means 255 or more. */
    public int ofName(String name) {
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        int rank = names.rank(key);
        if (!names.isAt(rank, key)) {
            return Math.min(255, perOther.getOrDefault(name, 0));
        }
        synchronized (perRank) {
            return perRank[rank] & 0xff;
        }
    }

    /** Returns how many different packuments were requested at least {@code times} times, 1 to 255. */
    public long namesAskedAtLeast(int times) {
        long count = perOther.values().stream().filter(asked -> asked >= times).count();
        synchronized (perRank) {
            for (byte asked : perRank) {
                count += (asked & 0xff) >= times ? 1 : 0;
            }
        }
        return count;
    }

    /**
     * Returns how many requests for packuments were redundant. The first request for a name is not redundant. Neither
     * is one request for each 429 or 5xx response, or for each change.
     *
     * @param changes returns how often a name, in UTF-8, changed since the start
     */
    long repeats(ToIntFunction<byte[]> changes) {
        long sum = 0;
        for (int rank = 0; rank < perRank.length; rank++) {
            int asked;
            synchronized (perRank) {
                asked = perRank[rank] & 0xff;
            }
            sum += asked < 2 ? 0 : repeats(names.get(rank), asked, changes);
        }
        for (Map.Entry<String, Integer> other : perOther.entrySet()) {
            sum += repeats(other.getKey().getBytes(StandardCharsets.UTF_8), other.getValue(), changes);
        }
        return sum;
    }

    private int repeats(byte[] name, int asked, ToIntFunction<byte[]> changes) {
        int reasons = 1 + refused.getOrDefault(Database.text(name), 0) + changes.applyAsInt(name);
        return Math.max(0, asked - reasons);
    }

    /** Returns the number of body bytes written to connections, compressed as they were sent. */
    public long bodyBytes() {
        return bodyBytes.sum();
    }

    /** Returns how many connections were accepted. */
    public long connections() {
        return connections.sum();
    }

    /** Returns the highest number of concurrent requests without a complete response. */
    public int mostUnderWay() {
        return mostUnderWay.get();
    }

    /** Returns the arrival times of the first 1,000,000 requests in order, relative to the first of them. */
    public Duration[] starts() {
        long[] copy = copyOfStarts();
        return Arrays.stream(copy)
                .mapToObj(at -> Duration.ofNanos(at - copy[0]))
                .toArray(Duration[]::new);
    }

    /**
     * Returns the highest number of requests that arrived within any window of this length, which a rate limiter must
     * keep below its limit.
     */
    public int mostWithin(Duration window) {
        long[] at = copyOfStarts();
        long nanos = window.toNanos();
        int most = 0;
        for (int first = 0, last = 0; last < at.length; last++) {
            while (at[last] - at[first] >= nanos) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    /** Resets all counts; requests in progress are still counted as concurrent. */
    public synchronized void reset() {
        perEndpoint.values().forEach(LongAdder::reset);
        synchronized (perRank) {
            Arrays.fill(perRank, (byte) 0);
        }
        perOther.clear();
        refused.clear();
        perStatus.clear();
        bodyBytes.reset();
        connections.reset();
        mostUnderWay.set(underWay.get());
        startCount = 0;
    }

    void connected() {
        connections.increment();
    }

    void started(Endpoint endpoint, byte[] name) {
        adder(endpoint).increment();
        mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        recordStart(System.nanoTime());
        if (endpoint == Endpoint.PACKUMENT) {
            count(name);
        }
    }

    void answered(Endpoint endpoint, byte[] name, int status, long bytes) {
        if (endpoint == Endpoint.PACKUMENT && (status == 429 || status >= 500)) {
            refused.merge(Database.text(name), 1, Integer::sum);
        }
        perStatus.computeIfAbsent(status, any -> new LongAdder()).increment();
        bodyBytes.add(bytes);
    }

    void finished() {
        underWay.decrementAndGet();
    }

    private LongAdder adder(Endpoint endpoint) {
        return Objects.requireNonNull(perEndpoint.get(endpoint));
    }

    private void count(byte[] name) {
        int rank = names.rank(name);
        if (!names.isAt(rank, name)) {
            perOther.merge(Database.text(name), 1, Integer::sum);
            return;
        }
        synchronized (perRank) {
            if (perRank[rank] != -1) {
                perRank[rank]++;
            }
        }
    }

    private synchronized void recordStart(long at) {
        if (startCount == MAX_STARTS) {
            return;
        }
        if (startCount == starts.length) {
            starts = Arrays.copyOf(starts, Math.min(MAX_STARTS, 2 * starts.length));
        }
        starts[startCount++] = at;
    }

    private long[] copyOfStarts() {
        synchronized (this) {
            long[] copy = Arrays.copyOf(starts, startCount);
            Arrays.sort(copy);
            return copy;
        }
    }
}
