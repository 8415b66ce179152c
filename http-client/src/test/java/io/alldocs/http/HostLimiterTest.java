package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HostLimiterTest {

    private static final ThrottlePolicy POLICY =
            new ThrottlePolicy(0.5, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofHours(1));

    private final ManualTime time = new ManualTime();
    private final HostLimiter limiter = new HostLimiter("https://registry.example:443", POLICY, time);

    @Property(tries = 100)
    void acquire_anyRateAndIdleTimes_neverExceedsRateInAnyWindow(
            @ForAll @DoubleRange(min = 0.5, max = 5_000) double rate,
            @ForAll @Size(min = 1, max = 150) List<@IntRange(min = 0, max = 400_000) Integer> idleMicros)
            throws InterruptedException {
        ManualTime clock = new ManualTime();
        HostLimiter paced = new HostLimiter("http://h:80", POLICY, clock);
        paced.setRate(rate);
        List<Long> starts = new ArrayList<>();
        for (int idle : idleMicros) {
            clock.advance(Duration.ofNanos(idle * (idle % 3 == 0 ? 1_000L : 10L)));
            paced.acquire();
            starts.add(clock.nanos());
        }
        for (int i = 0; i < starts.size(); i++) {
            for (int j = i; j < starts.size(); j++) {
                double seconds = (starts.get(j) - starts.get(i)) / 1e9;
                assertThat((double) (j - i + 1)).isLessThanOrEqualTo(1 + rate * (seconds + 0.01) + 1e-3);
            }
        }
    }

    @Test
    void acquire_busyCaller_getsTheWholeRate() throws InterruptedException {
        limiter.setRate(20);
        long before = time.nanos();
        for (int i = 0; i < 201; i++) {
            limiter.acquire();
        }
        assertThat((time.nanos() - before) / 1e9).isCloseTo(10.0, within(0.02));
    }

    @Test
    void acquire_noRate_neverWaits() throws InterruptedException {
        long before = time.nanos();
        for (int i = 0; i < 100_000; i++) {
            limiter.acquire();
        }
        assertThat(time.nanos()).isEqualTo(before);
        assertThat(limiter.currentRate()).isZero();
    }

    @Test
    void setRate_whileWaiting_holdsForThoseWhoWait() throws InterruptedException {
        limiter.setRate(0.001);
        limiter.acquire();
        time.onSleep(() -> limiter.setRate(0));
        long before = time.nanos();
        limiter.acquire();
        assertThat(Duration.ofNanos(time.nanos() - before)).isLessThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void throttled_withRetryAfter_pausesEveryRequest() throws InterruptedException {
        long started = start();
        limiter.throttled(started, Optional.of(Duration.ofSeconds(30)));

        assertThat(limiter.pauseLeft()).isEqualTo(Duration.ofSeconds(30));
        assertThat(limiter.currentRate()).isZero();
        long before = time.nanos();
        limiter.acquire();
        assertThat(time.nanos() - before).isEqualTo(30_000_000_000L);
        assertThat(limiter.pauseLeft()).isZero();
        limiter.acquire();
        assertThat(time.nanos() - before).isEqualTo(30_000_000_000L);
    }

    @Test
    void throttled_afterAPause_startsAreSpacedAgain() throws InterruptedException {
        limiter.setRate(10);
        limiter.acquire();
        limiter.throttled(time.nanos(), Optional.of(Duration.ofSeconds(5)));
        List<Long> starts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            limiter.acquire();
            starts.add(time.nanos());
        }
        assertThat(starts.get(4) - starts.get(0)).isGreaterThanOrEqualTo(380_000_000L);
    }

    @Test
    void throttled_withoutRetryAfter_halvesTheRate() throws InterruptedException {
        limiter.setRate(40);
        limiter.throttled(start(), Optional.empty());
        assertThat(limiter.currentRate()).isEqualTo(20);
        assertThat(limiter.pauseLeft()).isZero();
    }

    @Test
    void throttled_unlimited_startsFromTheMeasuredRate() throws InterruptedException {
        for (int i = 0; i < 300; i++) {
            time.advance(Duration.ofMillis(10));
            limiter.acquire();
        }
        time.advance(Duration.ofMillis(10));
        limiter.throttled(time.nanos(), Optional.empty());
        assertThat(limiter.currentRate()).isCloseTo(50, within(3.0));
    }

    @Test
    void throttled_answersToRequestsUnderWayTogether_countOnce() throws InterruptedException {
        limiter.setRate(40);
        long started = start();
        time.advance(Duration.ofMillis(50));
        for (int i = 0; i < 64; i++) {
            limiter.throttled(started, Optional.empty());
        }
        assertThat(limiter.currentRate()).isEqualTo(20);
    }

    @Test
    void throttled_longerPauseFromARequestUnderWay_isKept() throws InterruptedException {
        long started = start();
        time.advance(Duration.ofMillis(1));
        limiter.throttled(started, Optional.of(Duration.ofSeconds(10)));
        limiter.throttled(started, Optional.of(Duration.ofSeconds(60)));
        limiter.throttled(started, Optional.of(Duration.ofSeconds(1)));
        assertThat(limiter.pauseLeft()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void throttled_again_neverFallsBelowTheLeastRate() throws InterruptedException {
        limiter.setRate(4);
        for (int i = 0; i < 10; i++) {
            limiter.throttled(start(), Optional.empty());
        }
        assertThat(limiter.currentRate()).isEqualTo(0.5);
    }

    @Test
    void throttled_leastRateAboveTheConfigured_neverRaisesIt() throws InterruptedException {
        limiter.setRate(0.2);
        limiter.throttled(start(), Optional.empty());
        assertThat(limiter.currentRate()).isEqualTo(0.2);
    }

    @Test
    void throttled_retryAfterZeroAgainAndAgain_growsAFloor() throws InterruptedException {
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            limiter.throttled(start(), Optional.of(Duration.ZERO));
            pauses.add(limiter.pauseLeft());
        }
        assertThat(pauses)
                .containsExactly(
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(120));
    }

    @Test
    void throttled_absurdRetryAfter_isCutToTheLongestPause() throws InterruptedException {
        limiter.throttled(start(), Optional.of(Duration.ofDays(1)));
        assertThat(limiter.pauseLeft()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void throttled_floorsBeyondAnyBound_areCutToTheLongestPause() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            limiter.throttled(start(), Optional.of(Duration.ZERO));
            assertThat(limiter.pauseLeft()).isLessThanOrEqualTo(Duration.ofHours(1));
        }
    }

    @Test
    void succeeded_longAfterThrottling_recoversSlowlyToTheConfiguredRate() throws InterruptedException {
        limiter.setRate(40);
        limiter.throttled(start(), Optional.empty());
        limiter.succeeded();
        assertThat(limiter.currentRate()).isEqualTo(20);

        time.advance(Duration.ofSeconds(10));
        limiter.succeeded();
        assertThat(limiter.currentRate()).isCloseTo(22, within(1e-9));
        limiter.succeeded();
        assertThat(limiter.currentRate()).isCloseTo(22, within(1e-9));

        int steps = 0;
        while (limiter.currentRate() < 40) {
            time.advance(Duration.ofSeconds(10));
            limiter.succeeded();
            steps++;
        }
        assertThat(steps).isEqualTo(7);
        assertThat(limiter.currentRate()).isEqualTo(40);
    }

    @Test
    void succeeded_unlimitedBefore_endsWithoutLimit() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            time.advance(Duration.ofMillis(10));
            limiter.acquire();
        }
        limiter.throttled(start(), Optional.empty());
        assertThat(limiter.currentRate()).isPositive();
        for (int i = 0; i < 30; i++) {
            time.advance(Duration.ofSeconds(10));
            limiter.succeeded();
        }
        assertThat(limiter.currentRate()).isZero();
    }

    @Test
    void succeeded_afterRecovery_resetsRepeats() throws InterruptedException {
        limiter.throttled(start(), Optional.of(Duration.ZERO));
        limiter.throttled(start(), Optional.of(Duration.ZERO));
        time.advance(Duration.ofSeconds(10));
        limiter.succeeded();
        limiter.throttled(start(), Optional.of(Duration.ZERO));
        assertThat(limiter.pauseLeft()).isZero();
    }

    @Test
    void timedOut_runOfFive_countsAsThrottling() throws InterruptedException {
        limiter.setRate(40);
        for (int i = 0; i < 4; i++) {
            limiter.timedOut(start());
        }
        limiter.succeeded();
        for (int i = 0; i < 4; i++) {
            limiter.timedOut(start());
        }
        assertThat(limiter.currentRate()).isEqualTo(40);
        limiter.timedOut(start());
        assertThat(limiter.currentRate()).isEqualTo(20);
    }

    @Test
    void setRate_afterThrottling_startsAfresh() throws InterruptedException {
        limiter.setRate(40);
        limiter.throttled(start(), Optional.empty());
        limiter.setRate(100);
        assertThat(limiter.currentRate()).isEqualTo(100);
    }

    @Test
    void setRate_outOfRange_isRefused() {
        for (double rate : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e7}) {
            assertThatThrownBy(() -> limiter.setRate(rate))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Double.toString(rate));
        }
    }

    @Test
    void acquire_interruptedCallers_giveTheirTurnsBack() throws InterruptedException {
        limiter.setRate(0.5);
        limiter.acquire();
        long before = time.nanos();
        for (int i = 0; i < 50; i++) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(limiter::acquire).isInstanceOf(InterruptedException.class);
        }
        limiter.acquire();
        assertThat(Duration.ofNanos(time.nanos() - before)).isBetween(Duration.ofMillis(1_990), Duration.ofSeconds(2));
    }

    @Test
    void acquire_interruptedBeforeAnother_thoseWhoWaitMoveUpAndKeepTheRate() throws InterruptedException {
        limiter.setRate(0.5);
        limiter.acquire();
        long before = time.nanos();
        time.onSleep(() -> {
            time.onSleep(() -> {});
            Thread.currentThread().interrupt();
            assertThatThrownBy(limiter::acquire).isInstanceOf(InterruptedException.class);
        });
        limiter.acquire();
        limiter.acquire();
        assertThat(Duration.ofNanos(time.nanos() - before)).isBetween(Duration.ofMillis(3_990), Duration.ofSeconds(4));
    }

    @Test
    void acquire_interrupted_throws() {
        limiter.setRate(0.01);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> {
                    limiter.acquire();
                    limiter.acquire();
                })
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void acquire_manyThreadsInRealTime_keepTheRate() throws Exception {
        HostLimiter real = new HostLimiter("http://h:80", POLICY, Time.SYSTEM);
        real.setRate(500);
        int threads = 16;
        int each = 20;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long before = System.nanoTime();
        List<Future<?>> ends = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            ends.add(pool.submit(() -> {
                for (int n = 0; n < each; n++) {
                    real.acquire();
                }
                return null;
            }));
        }
        for (Future<?> end : ends) {
            end.get();
        }
        pool.shutdown();
        double seconds = (System.nanoTime() - before) / 1e9;
        assertThat(threads * each).isLessThanOrEqualTo((int) (1 + 500 * (seconds + 0.01)) + 1);
    }

    @Test
    void of_differentSpellings_isOneLimiterPerOrigin() {
        HostLimiters limiters = HostLimiters.create();
        HostLimiter one = limiters.of(URI.create("https://Example.com/a?b"));
        assertThat(limiters.of(URI.create("https://example.com:443/"))).isSameAs(one);
        assertThat(limiters.of(URI.create("http://example.com/"))).isNotSameAs(one);
        assertThat(limiters.of(URI.create("https://example.com:8443/"))).isNotSameAs(one);
        assertThatThrownBy(() -> limiters.of(URI.create("/relative"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void forHost_npmAndLoopback_haveFloorsOfTheirOwn() {
        assertThat(ThrottlePolicy.forHost(URI.create("https://replicate.npmjs.com/"))
                        .repeatFloor())
                .isEqualTo(Duration.ofMinutes(5));
        assertThat(ThrottlePolicy.forHost(URI.create("https://npm.example.com/")))
                .isEqualTo(ThrottlePolicy.defaults());
        for (String local : List.of("http://127.0.0.1:1/", "http://localhost/", "http://[::1]:80/")) {
            assertThat(ThrottlePolicy.forHost(URI.create(local)).repeatFloor()).isLessThan(Duration.ofSeconds(1));
        }
    }

    /** Starts a request a moment later, so that it does not count as in flight together with the previous ones. */
    private long start() throws InterruptedException {
        time.advance(Duration.ofMillis(1).plus(limiter.pauseLeft()));
        limiter.acquire();
        return time.nanos();
    }

    @Test
    void onPause_hostRequestsIt_reportsItsLength_onceForEachLongerPause() {
        List<Duration> told = new ArrayList<>();
        limiter.onPause(told::add);

        limiter.throttled(time.nanos(), Optional.of(Duration.ofSeconds(7)));
        limiter.pauseAsked(Duration.ofSeconds(3));
        limiter.pauseAsked(Duration.ofSeconds(9));

        assertThat(told).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(9));
    }

    @Test
    void onPause_pauseOfAnotherProcess_isNotReported() throws InterruptedException {
        List<Duration> told = new ArrayList<>();
        limiter.onPause(told::add);
        long before = time.nanos();

        limiter.pause(Duration.ofSeconds(5));

        assertThat(told).isEmpty();
        assertThat(limiter.pauseLeft()).isEqualTo(Duration.ofSeconds(5));
        limiter.acquire();
        assertThat(Duration.ofNanos(time.nanos() - before)).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void onPause_removedListener_isNotCalled() {
        List<Duration> told = new ArrayList<>();
        Runnable takenOff = limiter.onPause(told::add);
        takenOff.run();

        limiter.throttled(time.nanos(), Optional.of(Duration.ofSeconds(7)));

        assertThat(told).isEmpty();
    }

    @Test
    void pause_negative_isRefused() {
        assertThatThrownBy(() -> limiter.pause(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
    }
}
