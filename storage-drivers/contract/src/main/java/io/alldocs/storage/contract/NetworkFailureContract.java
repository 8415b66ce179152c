package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.FaultyProxy.Fault;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The part of {@link StoreFailureContract} about the network, and about a proxy that answers in place of the server.
 */
abstract class NetworkFailureContract extends FailureFixture {
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
}
