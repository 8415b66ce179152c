package io.alldocs.spring;

import io.alldocs.cache.spi.StorageDriver;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Reports whether the store responds. Each check sends one small request to the store. */
final class StoreHealthIndicator extends AbstractHealthIndicator {
    /** Nothing is stored under this key. */
    private static final String KEY = "v1:health";

    private final StorageDriver driver;

    StoreHealthIndicator(StorageDriver driver) {
        super("The store does not respond");
        this.driver = driver;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        health.withDetail("driver", driver.name());
        driver.has(KEY);
        health.up();
    }
}
