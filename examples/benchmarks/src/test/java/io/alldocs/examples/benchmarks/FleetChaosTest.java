package io.alldocs.examples.benchmarks;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FleetChaosTest {
    @Test
    @Tag("chaos")
    @Timeout(600)
    void fleet_fewPackumentsThatChange_losesNothing(@TempDir Path folder) {
        Chaos.assertHolds(
                folder,
                "fleet-chaos",
                "--names=300",
                "--churn=20",
                "--kills=2",
                "--batch=50",
                "--concurrency=2",
                "--target-rows=100",
                "--lease=2000",
                "--flush");
    }

    @Test
    @Tag("chaos")
    @Timeout(300)
    void handover_fewPackuments_requestsNothingAgainThatIsStored(@TempDir Path folder) {
        Chaos.assertHolds(folder, "fleet-handover", "--names=600", "--one-way");
    }

    /** Uses the documented scale: three workers on Redis, 50 changes per second, 15 kills, and one restart of Redis. */
    @Test
    @Tag("soak")
    @Timeout(3_000)
    void fleet_manyPackumentsThatChange_losesNothing(@TempDir Path folder) {
        Chaos.assertHolds(
                folder,
                "fleet-chaos",
                "--names=50000",
                "--churn=50",
                "--kills=15",
                "--driver=sqlite",
                "--target-rows=2000",
                "--lease=5000");
    }

    /** Also empties Redis halfway. */
    @Test
    @Tag("chaos")
    @Timeout(3_000)
    void fleet_whoseRedisLosesEverything_losesNothing(@TempDir Path folder) {
        Chaos.assertHolds(
                folder,
                "fleet-chaos",
                "--names=20000",
                "--churn=50",
                "--kills=5",
                "--driver=sqlite",
                "--target-rows=2000",
                "--lease=5000",
                "--flush");
    }

    @Test
    @Tag("chaos")
    @Timeout(1_500)
    void follow_whileWorkersAreKilledAndTheFeedIsReset_staysEqual(@TempDir Path folder) {
        Chaos.assertHolds(folder, "fleet-follow", "--seconds=60", "--changes=100", "--names=5000", "--kills=2");
    }

    /**
     * A worker that is suspended for longer than its leases resumes later. It then overwrites newer responses with old
     * responses.
     */
    @Test
    @Tag("chaos")
    @Timeout(1_500)
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void follow_whileWorkersAreStopped_staysEqual(@TempDir Path folder) {
        Chaos.assertHolds(
                folder, "fleet-follow", "--seconds=60", "--changes=100", "--names=1000", "--kills=1", "--stop");
    }

    @Test
    @Tag("chaos")
    @Timeout(1_500)
    void handover_bothWays_requestsNothingAgainThatIsStored(@TempDir Path folder) {
        Chaos.assertHolds(folder, "fleet-handover", "--names=5000");
    }
}
