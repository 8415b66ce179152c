package io.alldocs.house;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.syntax.GivenSlices;
import io.alldocs.AllDocsException;
import io.alldocs.cache.Cache;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.Worker;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * Checks the dependencies between the modules. The name of a package determines its module: {@code io.alldocs.cache}
 * and the packages below it are in {@code cache}. Under {@code http}, {@code storage}, {@code worker} and
 * {@code examples}, the next part of the package's name is part of the module's name. So {@code io.alldocs.storage.s3}
 * is in {@code storage.s3}, while {@code io.alldocs.worker} and its {@code spi} are in {@code worker}.
 */
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.alldocs");

    /** The module that every other one may use: its packages are {@code io.alldocs} and {@code io.alldocs.spi}. */
    private static final String CORE = "core";

    private static final Pattern CORE_PACKAGE = Pattern.compile("io\\.alldocs(\\.spi)?");

    private static final Pattern MODULE = Pattern.compile(
            "io\\.alldocs\\.(?<name>(?:http|storage|worker|examples)(?:\\.(?!spi\\b|internal\\b)\\w+)?|\\w+)(?:\\..*)?");

    private static final String CACHE = Cache.class.getPackageName();

    private static final String WORKER = Worker.class.getPackageName();

    private static final Pattern INTERNAL = Pattern.compile(".*\\.internal(\\..*)?");

    /**
     * A module that may use every other module. It depends on this module, so this test cannot see its classes. Only
     * the compiler checks its packages.
     */
    private static final String TOP = "io.alldocs.examples.benchmarks";

    private static final String JDK = "(java|javax|jdk|com\\.sun\\.net\\.httpserver)(\\..*)?";
    private static final String JSPECIFY = "org\\.jspecify\\..*";
    private static final String JACKSON = "com\\.fasterxml\\.jackson\\..*";
    private static final String CAFFEINE = "com\\.github\\.benmanes\\.caffeine\\..*";
    private static final String SEMVER = "org\\.semver4j(\\..*)?";
    private static final String METHANOL = "com\\.github\\.mizosoft\\.methanol(\\..*)?";
    private static final String SPRING = "org\\.springframework(\\..*)?";
    private static final String MICROMETER = "io\\.micrometer\\..*";
    private static final String ANY = ".*";

    /** The allowed dependencies. The first row that matches a module's name applies to it. */
    private static final List<Arrows> ARROWS = List.of(
            arrows(CORE),
            arrows("http").libraries(METHANOL),
            arrows("http\\.\\w+").to("http").libraries(ANY),
            arrows("cache").libraries(JACKSON, CAFFEINE),
            arrows("partition").to("http", "cache").libraries(JACKSON),
            arrows("packument").to("http", "cache").libraries(JACKSON, SEMVER),
            arrows("storage\\.(cloudflare|fastly)").to("cache", "http").libraries(JACKSON),
            arrows("storage\\.emulators").to("cache", "storage\\.contract").libraries(ANY),
            arrows("storage\\.\\w+").to("cache").libraries(ANY),
            arrows("sync").to("partition", "packument", "http", "cache").libraries(JACKSON),
            arrows("worker")
                    .to("sync", "partition", "packument", "http", "cache")
                    .libraries(JACKSON),
            arrows("worker\\.mirror")
                    .to("partition", "packument", "http", "cache")
                    .libraries(ANY),
            arrows("micrometer")
                    .to("worker", "worker\\.mirror", "sync", "partition", "packument", "http", "cache")
                    .libraries(ANY),
            arrows("spring")
                    .to("worker", "micrometer", "sync", "partition", "packument", "http", "cache")
                    .libraries(SPRING, MICROMETER),
            arrows("prometheus").to("cache").libraries(ANY),
            arrows("worker\\.contract").to("worker", "cache").libraries(ANY),
            arrows("worker\\.cloudrun")
                    .to("worker", "partition", "packument", "http", "cache", "storage\\.gcs")
                    .libraries(ANY),
            arrows("worker\\.\\w+")
                    .to("worker", "partition", "packument", "http", "cache", "storage\\.${runtime}")
                    .libraries(ANY),
            arrows("examples\\.registry").libraries(ANY),
            arrows("cli|examples(\\.\\w+)?").to(ANY).libraries(ANY));

    /** The command, the embedded registry and the examples. */
    private static final String[] PROGRAMS = {"io.alldocs.cli..", "io.alldocs.examples.."};

    @Test
    void classes_ofEveryModule_followTheArrows() {
        classes()
                .should(new ArchCondition<JavaClass>("only use what the arrows of their module allow") {
                    @Override
                    public void check(JavaClass ours, ConditionEvents events) {
                        Arrows arrows = arrowsOf(ours);
                        ours.getDirectDependenciesFromSelf().stream()
                                .filter(dependency -> !arrows.allow(dependency))
                                .forEach(dependency ->
                                        events.add(violated(ours, arrows + ": " + dependency.getDescription())));
                    }
                })
                .check(OURS);
    }

    @Test
    void classes_inInternalPackages_areUsedByTheirModuleOnly() {
        classes()
                .should(new ArchCondition<JavaClass>("leave other modules' internal packages alone") {
                    @Override
                    public void check(JavaClass ours, ConditionEvents events) {
                        ours.getDirectDependenciesFromSelf().stream()
                                .filter(dependency -> isOurs(dependency.getTargetClass())
                                        && isInternal(dependency.getTargetClass())
                                        && !module(dependency.getTargetClass()).equals(module(ours)))
                                .forEach(dependency -> events.add(violated(ours, dependency.getDescription())));
                    }
                })
                .check(OURS);
    }

    /** The SPI is below the cache: a driver needs no class of {@code io.alldocs.cache} itself. */
    @Test
    void packages_ofTheCache_formNoCircle_andItsSpiNeedsNothingAboveIt() {
        layers(CACHE, Set.of()).should().beFreeOfCycles().check(OURS);
        noClasses()
                .that()
                .resideInAPackage(CACHE + ".spi")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(CACHE)
                .check(OURS);
    }

    /**
     * The packages of the worker form layers. Its internal packages and its SPI use items, results and other values
     * of {@code io.alldocs.worker}. {@link Worker} and its server are above them.
     */
    @Test
    void packages_ofTheWorker_formNoCircle_andItsValuesNeedNoInternalPackage() {
        Set<String> needed = neededBy(WORKER, "spi", "internal");
        assertThat(needed).contains(WorkItem.class.getName()).doesNotContain(Worker.class.getName());

        layers(WORKER, needed).should().beFreeOfCycles().check(OURS);
    }

    /** Returns one layer for each package of a module, and two for its main package. */
    private static GivenSlices layers(String main, Set<String> lower) {
        return slices().assignedFrom(new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass ours) {
                String name = ours.getPackageName();
                if (!isOurs(ours) || !ArchitectureTest.module(ours).equals(main.replaceFirst("io\\.alldocs\\.", ""))) {
                    return SliceIdentifier.ignore();
                }
                return name.equals(main)
                        ? SliceIdentifier.of(name, lower.contains(topLevel(ours)) ? "lower" : "upper")
                        : SliceIdentifier.of(name);
            }

            @Override
            public String getDescription() {
                return "the layers of " + main;
            }
        });
    }

    /** Returns the types of a module's main package that the packages below it need, directly or through others. */
    private static Set<String> neededBy(String main, String... packages) {
        Set<String> needed = new TreeSet<>();
        Deque<JavaClass> left = new ArrayDeque<>();
        for (String each : packages) {
            OURS.stream()
                    .filter(type -> (type.getPackageName() + ".").startsWith(main + "." + each + "."))
                    .forEach(left::add);
        }
        while (!left.isEmpty()) {
            for (Dependency dependency : left.remove().getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().equals(main) && needed.add(topLevel(target))) {
                    OURS.stream()
                            .filter(each -> topLevel(each).equals(topLevel(target)))
                            .forEach(left::add);
                }
            }
        }
        return needed;
    }

    private static String topLevel(JavaClass type) {
        return type.getName().replaceFirst("\\$.*", "");
    }

    @Test
    void publicExceptions_haveOneRoot() {
        classes()
                .that()
                .areAssignableTo(RuntimeException.class)
                .and()
                .arePublic()
                .and()
                .resideOutsideOfPackages(PROGRAMS)
                .and()
                .resideOutsideOfPackage("..internal..")
                .should()
                .beAssignableTo(AllDocsException.class)
                .orShould()
                .beAssignableTo(IllegalArgumentException.class)
                .because("an application catches one type, and asks it whether a retry may succeed")
                .check(OURS);
    }

    @Test
    void packages_areNullMarked() {
        List<String> unmarked = OURS.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(each -> !each.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .sorted()
                .toList();

        assertThat(unmarked)
                .as("packages without @NullMarked in a package-info.java")
                .isEmpty();
    }

    @Test
    void packages_areNotNamedForLeftovers() {
        noClasses()
                .should()
                .resideInAnyPackage("..common..", "..util..", "..utils..", "..helper..", "..helpers..", "..misc..")
                .because("a name says what a package is for")
                .check(OURS);
    }

    @Test
    void libraries_logThroughSystemLogger() {
        noClasses()
                .that()
                .resideOutsideOfPackages(PROGRAMS)
                .should(USE_JAVA_UTIL_LOGGING)
                .check(OURS);
    }

    /**
     * Only programs may print, read a command line and end the process. The worker and Cloud Run are programs too,
     * because they have a main method.
     */
    @Test
    void libraries_knowNoCommandLine_noTerminal_andNoExitCode() {
        noClasses()
                .that()
                .resideOutsideOfPackages(PROGRAMS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..")
                .check(OURS);
        noClasses()
                .that()
                .resideOutsideOfPackages(PROGRAMS)
                .and()
                .haveSimpleNameNotEndingWith("Main")
                .and()
                .doNotHaveSimpleName("CloudRun")
                .should(ACCESS_STANDARD_STREAMS)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .orShould()
                .haveSimpleNameStartingWith("ExitCode")
                .check(OURS);
    }

    /**
     * Only the application may set system properties. Main classes set the properties that their programs need. The
     * emulators are not published.
     */
    @Test
    void libraries_setNoSystemProperties() {
        noClasses()
                .that()
                .resideOutsideOfPackages(PROGRAMS)
                .and()
                .resideOutsideOfPackage("io.alldocs.storage.emulators..")
                .and()
                .haveSimpleNameNotEndingWith("Main")
                .should()
                .callMethod(System.class, "setProperty", String.class, String.class)
                .orShould()
                .callMethod(System.class, "clearProperty", String.class)
                .orShould()
                .callMethod(System.class, "setProperties", Properties.class)
                .orShould()
                .callMethod(System.class, "getProperties")
                .check(OURS);
    }

    /**
     * The rules above do not check a new module that is missing from this module's class path. This test finds such a
     * module.
     */
    @Test
    void modules_withSources_areOnThisClassPath() {
        Set<String> seen = OURS.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
        Path sources = Path.of("src", "main", "java");

        Set<String> escaped = new TreeSet<>();
        for (Path info : Repository.files(file -> file.endsWith("package-info.java"))) {
            Path module = info;
            while (module != null && !module.endsWith(sources)) {
                module = module.getParent();
            }
            if (module != null) {
                String name = module.relativize(info.getParent())
                        .toString()
                        .replace(info.getFileSystem().getSeparator(), ".");
                if (!seen.contains(name) && !name.equals(TOP) && !name.startsWith(TOP + ".")) {
                    escaped.add(name);
                }
            }
        }

        assertThat(escaped)
                .as("packages that the rules do not see; add their modules to examples/cli-tests in test scope")
                .isEmpty();
    }

    private static Arrows arrows(String module) {
        return new Arrows(module, List.of(), List.of());
    }

    private static Arrows arrowsOf(JavaClass ours) {
        return ARROWS.stream()
                .filter(arrows -> module(ours).matches(arrows.module))
                .findFirst()
                .orElseThrow(() ->
                        new AssertionError("No arrows are drawn for " + ours.getName() + ": add its module to ARROWS"));
    }

    private static boolean isOurs(JavaClass type) {
        String name = type.getPackageName();
        return CORE_PACKAGE.matcher(name).matches() || MODULE.matcher(name).matches();
    }

    private static boolean isInternal(JavaClass type) {
        return INTERNAL.matcher(type.getPackageName()).matches();
    }

    private static String module(JavaClass ours) {
        if (CORE_PACKAGE.matcher(ours.getPackageName()).matches()) {
            return CORE;
        }
        Matcher matcher = MODULE.matcher(ours.getPackageName());
        if (!matcher.matches()) {
            throw new AssertionError(ours.getName() + " lies in no module's package (io.alldocs.<module>)");
        }
        return matcher.group("name");
    }

    /**
     * The dependencies that a module, or each of a family of modules, may have in addition to itself, the JDK and
     * JSpecify.
     */
    private record Arrows(String module, List<String> ours, List<String> libraries) {

        Arrows to(String... modules) {
            return new Arrows(module, List.of(modules), libraries);
        }

        Arrows libraries(String... packages) {
            return new Arrows(module, ours, List.of(packages));
        }

        boolean allow(Dependency dependency) {
            JavaClass target = dependency.getTargetClass().getBaseComponentType();
            if (target.isPrimitive()) {
                return true;
            }
            if (!isOurs(target)) {
                String name = target.getPackageName();
                return name.matches(JDK)
                        || name.matches(JSPECIFY)
                        || libraries.stream().anyMatch(name::matches);
            }
            String from = ArchitectureTest.module(dependency.getOriginClass());
            String to = ArchitectureTest.module(target);
            return from.equals(to)
                    || to.equals(CORE)
                    || ours.stream()
                            .map(pattern -> pattern.replace("${runtime}", lastName(from)))
                            .anyMatch(to::matches);
        }

        private static String lastName(String module) {
            return module.substring(module.lastIndexOf('.') + 1);
        }

        @Override
        public String toString() {
            return module + " may use " + ours + " and libraries " + libraries;
        }
    }
}
