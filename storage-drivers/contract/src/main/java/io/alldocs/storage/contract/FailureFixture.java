package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the parts of {@link StoreFailureContract} share: the methods that a driver's test implements, calls, and
 * assertions.
 */
abstract class FailureFixture {
    static final String KEY = "key-1";

    /** The second key of batches. It contains {@link #KEY}, so a message that names it contains {@link #KEY} too. */
    static final String SECOND = "key-10";

    static final byte[] BYTES = Values.random(1, 20_000);
    static final byte[] OTHER = Values.random(2, 20_000);

    /** Between the driver and its server. */
    FaultyProxy proxy;

    /** The driver of this test. */
    StorageDriver driver;

    @SuppressWarnings("NullAway.Init") // begin() initializes both fields
    FailureFixture() {}

    /** Starts a server with an empty store and returns its address. Called before each test. */
    protected abstract URI start() throws Exception;

    /** Stops the server. Called after each test. */
    protected abstract void stop() throws Exception;

    /** Makes the server refuse the next request with this HTTP status, or an error of the same meaning. */
    protected abstract void refuseNext(int status);

    /** Makes the server refuse each request from now on with this HTTP status, or an error of the same meaning. */
    protected abstract void refuseAll(int status);

    /**
     * Makes a proxy answer each request from now on with HTTP status 200 and its own page. The request does not reach
     * the store.
     *
     * @param type content type of the page, empty for none
     */
    protected abstract void interceptAll(String type, String page);

    /** Makes the server accept requests again. */
    protected abstract void recover();

    /** Returns the name of the store of this test, as {@link #newDriver} takes it. */
    protected abstract String store();

    /** Returns the secret that the server accepts. */
    protected abstract String secret();

    /**
     * Creates a driver that retries each failed request once, after at most a few milliseconds. The caller closes it.
     *
     * @param store name of a store, which may not exist
     * @param secret which the server may not accept
     */
    protected abstract StorageDriver newDriver(URI endpoint, String store, String secret) throws Exception;

    /** Returns words of the message about a server that cannot be reached, or whose answer is truncated. */
    protected abstract String unreachable();

    /** Returns words of the message about a store that does not exist. */
    protected abstract String missingStore();

    /** Returns words of the message about a secret that the server does not accept. */
    protected abstract String wrongSecret();

    @BeforeEach
    final void begin() throws Exception {
        proxy = new FaultyProxy(start());
        driver = newDriver(proxy.endpoint(), store(), secret());
    }

    @AfterEach
    final void end() throws Exception {
        driver.close();
        proxy.close();
        stop();
    }

    /** A call of a driver for {@link #KEY}. */
    record Call(String name, Consumer<StorageDriver> run) {}

    final List<Call> calls() {
        List<Call> calls = List.of(
                new Call("get", driver -> bytes(driver)),
                new Call("head", driver -> driver.head(KEY)),
                new Call("has", driver -> driver.has(KEY)),
                new Call("getBatch", driver -> driver.getBatch(List.of(KEY))),
                new Call("list", driver -> keys(driver, KEY)),
                new Call("put", driver -> Values.put(driver, KEY, BYTES)),
                new Call("putBatch", driver -> driver.putBatch(batch())),
                new Call("putHead", driver -> driver.putHead(KEY, Values.head(BYTES))),
                new Call("delete", driver -> driver.delete(KEY)),
                new Call("deleteBatch", driver -> driver.deleteBatch(List.of(KEY))));
        Call conditional = new Call("putIfAbsent", driver -> Values.putIfAbsent(driver, KEY, BYTES));
        return driver.capabilities().conditionalPut()
                ? Stream.concat(calls.stream(), Stream.of(conditional)).toList()
                : calls;
    }

    static Map<String, StoredEntry> batch() {
        return Map.of(KEY, Values.entry(BYTES), SECOND, Values.entry(BYTES));
    }

    static void bytes(StorageDriver driver) {
        driver.get(KEY).ifPresent(Values::bytes);
    }

    static List<String> keys(StorageDriver driver, String prefix) {
        try (Stream<String> keys = driver.list(prefix, null)) {
            return keys.toList();
        }
    }

    /** Returns the exception of a failed call, which names the call's driver, store and key, and contains no secret. */
    final StorageException failure(StorageDriver driver, String secret, String key, Call call) {
        Throwable thrown = catchThrowable(() -> call.run().accept(driver));
        assertThat(thrown).as(call.name()).isInstanceOf(StorageException.class);
        assertThat(thrown.getMessage())
                .as(call.name())
                .contains("driver " + driver.name())
                .contains(driver.toString())
                .contains(key);
        assertThat(trace(thrown)).as(call.name()).doesNotContain(secret);
        assertThat(driver.toString()).doesNotContain(secret);
        return (StorageException) thrown;
    }

    final StorageException failure(Call call) {
        return failure(driver, secret(), KEY, call);
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Checks that the store contains only the key, with one of the values as a whole, and that the driver works. */
    final void assertWorks(byte[]... values) {
        StoredEntry entry = driver.get(KEY).orElseThrow();
        byte[] found = Values.bytes(entry);
        assertThat(List.of(values)).anySatisfy(value -> assertThat(found).isEqualTo(value));
        assertThat(entry.head()).isEqualTo(Values.head(found));
        assertThat(keys(driver, "")).containsExactly(KEY);
        Values.put(driver, KEY, OTHER);
        assertThat(Values.bytes(driver, KEY)).isEqualTo(OTHER);
        driver.deleteBatch(List.of(KEY, SECOND));
        assertThat(keys(driver, "")).isEmpty();
    }
}
