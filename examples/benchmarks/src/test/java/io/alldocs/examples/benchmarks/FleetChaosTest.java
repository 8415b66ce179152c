package io.alldocs.examples.benchmarks;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FleetChaosTest {
    @Test
    @Tag("chaos")
    @Timeout(300)
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
                "--lease=5000");
    }

    /** The size of the promise: three workers on Redis, 50 changes a second, 15 kills, one restart of Redis. */
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
}
