package io.alldocs.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The service. {@code application.properties} configures it. */
@SpringBootApplication(proxyBeanMethods = false)
public class PackageService {

    /** Called by Spring. */
    public PackageService() {}

    /** Runs the service until it is stopped. */
    public static void main(String[] args) {
        SpringApplication.run(PackageService.class, args);
    }
}
