package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.FaultyProxy.Fault;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
public abstract class StoreFailureContract extends NetworkFailureContract {
    private static final String WRONG_SECRET = "Planted/Secret+9876543210zyxwvutsrqponmlk";
    private static final URI UNREACHABLE = URI.create("http://127.0.0.1:1");

    /** For subclasses; JUnit makes one instance per test. */
    protected StoreFailureContract() {}

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
