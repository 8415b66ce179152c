package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.FaultyProxy.Fault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The requirements for a {@link StorageDriver} that reaches its store through a network, when the server or the network
 * fails. Extend this class in the driver's tests in addition to {@link StorageDriverContract}.
 *
 * <p>The test starts a server and can make it refuse requests. The suite places a TCP proxy in front of the server. The
 * proxy closes and resets connections, drops and truncates answers, and sends answers that are not the store's
 * protocol. Whatever fails, a call must throw a {@link StorageException} that states whether the call may succeed
 * later. Its message names the operation, the key and the store, and contains no secret. No value is stored partially,
 * and the next call succeeds.
 *
 * <p>The server must show each write to the reads that follow it. Tests of a driver's own messages, request counts and
 * waits belong to that driver.
 */
@Timeout(120)
public abstract class StoreFailureContract {
    private static final String KEY = "key-1";

    /** The second key of batches. It contains {@link #KEY}, so a message that names it contains {@link #KEY} too. */
    private static final String SECOND = "key-10";

    private static final byte[] BYTES = Values.random(1, 20_000);
    private static final byte[] OTHER = Values.random(2, 20_000);
    private static final String WRONG_SECRET = "Planted/Secret+9876543210zyxwvutsrqponmlk";
    private static final URI UNREACHABLE = URI.create("http://127.0.0.1:1");

    private FaultyProxy proxy;
    private StorageDriver driver;

    /** For subclasses; JUnit makes one instance per test. */
    @SuppressWarnings("NullAway.Init") // begin() initializes both fields
    protected StoreFailureContract() {}

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
    private record Call(String name, Consumer<StorageDriver> run) {}

    private List<Call> calls() {
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

    private static Map<String, StoredEntry> batch() {
        return Map.of(KEY, Values.entry(BYTES), SECOND, Values.entry(BYTES));
    }

    private static void bytes(StorageDriver driver) {
        driver.get(KEY).ifPresent(Values::bytes);
    }

    private static List<String> keys(StorageDriver driver, String prefix) {
        try (Stream<String> keys = driver.list(prefix, null)) {
            return keys.toList();
        }
    }

    /** Returns the exception of a failed call, which names the call's driver, store and key, and contains no secret. */
    private StorageException failure(StorageDriver driver, String secret, String key, Call call) {
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

    private StorageException failure(Call call) {
        return failure(driver, secret(), KEY, call);
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Checks that the store contains only the key, with one of the values as a whole, and that the driver works. */
    private void assertWorks(byte[]... values) {
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

    // ---- the server refuses

    /** Tests every call with an error of the server at each attempt. */
    @ParameterizedTest
    @CsvSource({"500, true", "503, true", "400, false", "401, false", "403, false"})
    final void everyCall_serverRefuses_saysWhetherItMaySucceedLater(int status, boolean retryable) {
        Values.put(driver, KEY, BYTES);
        refuseAll(status);
        for (Call call : calls()) {
            assertThat(failure(call).retryable()).as("%s", call.name()).isEqualTo(retryable);
        }
        recover();
        assertWorks(BYTES);
    }

    /** Tests only a few calls, because drivers may wait longer after each such answer. */
    @Test
    final void call_serverThrottles_mayBeRetried() {
        refuseAll(429);
        for (Call call : calls().stream()
                .filter(call -> List.of("get", "put").contains(call.name()))
                .toList()) {
            assertThat(failure(call).retryable()).as("%s", call.name()).isTrue();
        }
    }

    @Test
    final void everyCall_faultPasses_succeeds() {
        for (Call call : calls()) {
            Values.put(driver, KEY, BYTES);
            refuseNext(503);
            assertThatCode(() -> call.run().accept(driver)).as(call.name()).doesNotThrowAnyException();
            for (Fault fault : List.of(Fault.CLOSED, Fault.RESET)) {
                Values.put(driver, KEY, BYTES);
                proxy.breakNext(fault);
                assertThatCode(() -> call.run().accept(driver))
                        .as("%s, %s", call.name(), fault)
                        .doesNotThrowAnyException();
                proxy.breakNext(Fault.NONE);
            }
        }
        Values.put(driver, KEY, BYTES);
        driver.delete(SECOND);
        proxy.breakNext(Fault.ANSWER_CUT);
        assertWorks(BYTES);
    }

    // ---- a proxy answers in place of the server

    private static final Map<String, String> PAGES = Map.of(
            "text/html",
            "<html><head><title>Sign in</title></head><body><p>Sign in.</p></body></html>",
            "text/html; charset=utf-8",
            "<!DOCTYPE html><html><body><p>Down for maintenance.<br></body></html>",
            "application/json",
            "{}",
            "application/json; charset=utf-8",
            "{\"status\":\"ok\",\"items\":[]}",
            "application/xml",
            "<?xml version=\"1.0\"?><status>ok</status>",
            "text/plain",
            "OK",
            "",
            "");

    /** Tests that a page with status 200 is neither an empty listing nor an entry, and that the key is not absent. */
    @Test
    final void everyRead_proxyAnswersWithAPageOfItsOwn_mayBeRetried() {
        Values.put(driver, KEY, BYTES);
        List<Call> reads = Stream.concat(
                        calls().stream()
                                .filter(call -> List.of("get", "head", "has", "getBatch", "list")
                                        .contains(call.name())),
                        Stream.of(
                                new Call("listing from a key", driver -> {
                                    try (Stream<String> keys = driver.list("key", "key-0")) {
                                        keys.forEach(key -> {});
                                    }
                                }),
                                new Call("verify", driver -> driver.verify(VerifyOptions.dryRun()))))
                .toList();
        PAGES.forEach((type, page) -> {
            interceptAll(type, page);
            for (Call read : reads) {
                String key = read.name().equals("verify") ? "" : read.name().equals("listing from a key") ? "key" : KEY;
                requireForeign(type, failure(driver, secret(), key, read));
            }
        });
        recover();
        assertWorks(BYTES);
    }

    /** Tests pages of HTML only, because some stores answer a write with an empty body. */
    @Test
    final void everyWrite_proxyAnswersWithAPageOfItsOwn_mayBeRetriedAndChangesNothing() {
        Values.put(driver, KEY, BYTES);
        List<Call> writes = calls().stream()
                .filter(call -> call.name().startsWith("put") || call.name().startsWith("delete"))
                .toList();
        PAGES.forEach((type, page) -> {
            if (type.startsWith("text/html")) {
                interceptAll(type, page);
                writes.forEach(write -> requireForeign(type, failure(write)));
            }
        });
        recover();
        assertWorks(BYTES);
    }

    private static void requireForeign(String type, StorageException e) {
        assertThat(e.retryable()).as("%s: %s", type, e).isTrue();
        assertThat(e.getMessage()).as(type).contains("check").contains("the endpoint");
    }

    // ---- the network fails

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"CLOSED", "RESET", "GARBAGE"})
    final void everyCall_connectionBreaks_mayBeRetriedAndChangesNothing(Fault fault) {
        Values.put(driver, KEY, BYTES);
        proxy.breakAll(fault);
        for (Call call : calls()) {
            StorageException e = failure(call);
            assertThat(e.retryable()).as("%s: %s", call.name(), e).isTrue();
            if (fault != Fault.GARBAGE) {
                assertThat(e.getMessage()).as(call.name()).contains(unreachable());
            }
        }
        proxy.breakAll(Fault.NONE);
        assertWorks(BYTES);
    }

    @ParameterizedTest
    @CsvSource({"20000", "3145728"})
    final void get_bodyIsCut_isNotServed(int size) {
        byte[] bytes = Values.random(3, size);
        Values.put(driver, KEY, bytes);
        proxy.breakAll(Fault.ANSWER_CUT);
        StorageException e = failure(new Call("get", driver -> bytes(driver)));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("read " + KEY).contains(unreachable());
        proxy.breakAll(Fault.NONE);
        assertWorks(bytes);
    }

    /** The answer has 100 keys of 200 characters, so that it is larger than the part that arrives. */
    @Test
    final void list_pageIsCut_isNeverACompleteListing() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(100, 200).forEach(i -> entries.put("k".repeat(197) + i, Values.entry(BYTES)));
        driver.putBatch(entries);
        proxy.breakAll(Fault.ANSWER_CUT);
        StorageException e = failure(driver, secret(), "kk", new Call("list", driver -> keys(driver, "kk")));
        assertThat(e.retryable()).isTrue();
        proxy.breakAll(Fault.NONE);
        proxy.breakNext(Fault.ANSWER_CUT);
        assertThat(keys(driver, "kk")).containsExactlyInAnyOrderElementsOf(entries.keySet());
    }

    @Test
    final void get_answerStalls_waitsForTheWholeBody() throws Exception {
        Values.put(driver, KEY, BYTES);
        proxy.breakNext(Fault.ANSWER_STALLED);
        CompletableFuture<byte[]> answer = CompletableFuture.supplyAsync(() -> Values.bytes(driver, KEY));
        proxy.awaitStalled();
        assertThat(answer).isNotDone();
        proxy.release();
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(BYTES);
    }

    @Test
    final void write_answersAreLost_leavesAWholeValue() {
        Values.put(driver, KEY, BYTES);
        proxy.breakAll(Fault.ANSWER_LOST);
        Call call = new Call("put", driver -> Values.put(driver, KEY, OTHER));
        assertThat(failure(call).retryable()).isTrue();
        proxy.breakAll(Fault.NONE);
        assertWorks(BYTES, OTHER);
        Values.put(driver, KEY, OTHER);
        proxy.breakNext(Fault.ANSWER_LOST);
        Values.put(driver, KEY, BYTES);
        assertWorks(BYTES);
        Values.put(driver, KEY, OTHER);
        proxy.breakNext(Fault.ANSWER_LOST);
        driver.delete(KEY);
        assertThat(driver.has(KEY)).isFalse();
    }

    /** A store without conditional writes refuses the call, as {@link StorageDriverContract} tests. */
    @Test
    final void putIfAbsent_answerIsLost_recognizesItsOwnValue() {
        if (driver.capabilities().conditionalPut()) {
            proxy.breakNext(Fault.ANSWER_LOST);
            assertThat(Values.putIfAbsent(driver, KEY, BYTES)).isTrue();
            proxy.breakNext(Fault.ANSWER_LOST);
            assertThat(Values.putIfAbsent(driver, KEY, OTHER)).isFalse();
            assertWorks(BYTES);
        }
    }

    // ---- the caller fails

    @Test
    final void write_bodyIsShorterThanDeclared_storesNothing() {
        Values.put(driver, KEY, BYTES);
        EntryMetadata head = Values.head(OTHER);
        Body wrong = Values.shortBody(OTHER.length);
        List<Call> writes = List.of(
                new Call("put", driver -> driver.put(KEY, head, wrong)),
                new Call(
                        "putBatch",
                        driver -> driver.putBatch(
                                Map.of(KEY, new StoredEntry(head, wrong), SECOND, new StoredEntry(head, wrong)))));
        for (Call write : writes) {
            StorageException e = failure(write);
            assertThat(e.retryable()).as("%s: %s", write.name(), e).isFalse();
            assertThat(e.getMessage()).contains("cannot be read");
        }
        assertWorks(BYTES);
    }

    @Test
    final void call_threadIsInterrupted_throwsAndKeepsTheFlag() {
        Values.put(driver, KEY, BYTES);
        for (Call call : calls().stream()
                .filter(call -> List.of("get", "head", "put").contains(call.name()))
                .toList()) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(OperationInterruptedException.class)
                    .as(call.name())
                    .isThrownBy(() -> call.run().accept(driver))
                    .withMessageContaining("interrupted");
            assertThat(Thread.interrupted()).as(call.name()).isTrue();
        }
        assertWorks(BYTES);
    }

    // ---- the configuration is wrong

    @Test
    final void everyCall_storeIsMissing_isAnErrorAndNotAnAbsentKey() throws Exception {
        try (StorageDriver nowhere = newDriver(proxy.endpoint(), "nowhere", secret())) {
            List<Call> calls = Stream.concat(
                            calls().stream(),
                            Stream.of(
                                    new Call("listing of all keys", driver -> keys(driver, "")),
                                    new Call("verify", driver -> driver.verify(VerifyOptions.dryRun()))))
                    .toList();
            for (Call call : calls) {
                String key = call.name().contains("verify") || call.name().contains("all") ? "" : KEY;
                StorageException e = failure(nowhere, secret(), key, call);
                assertThat(e.retryable()).as("%s: %s", call.name(), e).isFalse();
                assertThat(e.getMessage()).as(call.name()).contains(missingStore());
            }
        }
        assertThat(keys(driver, "")).isEmpty();
    }

    @Test
    final void secret_whateverFails_isInNoMessage() throws Exception {
        Values.put(driver, KEY, BYTES);
        try (StorageDriver refused = newDriver(proxy.endpoint(), store(), WRONG_SECRET);
                StorageDriver unreached = newDriver(UNREACHABLE, store(), WRONG_SECRET)) {
            for (Call call : calls()) {
                StorageException e = failure(refused, WRONG_SECRET, KEY, call);
                assertThat(e.retryable()).as("%s: %s", call.name(), e).isFalse();
                if (call.name().equals("put")) {
                    assertThat(e.getMessage()).contains(wrongSecret());
                }
                assertThat(failure(unreached, WRONG_SECRET, KEY, call).retryable())
                        .as(call.name())
                        .isTrue();
            }
        }
        assertWorks(BYTES);
    }
}
