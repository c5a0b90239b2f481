//! The fence: what this process gives up before it reads a byte of a stranger's.
//!
//! Each part is tried, and the others go on without one that the system does not have: a worker
//! behind half a fence is still better than none, and the parent's time limit holds anyway.

/// What of the fence stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fence {
    /// Memory has a bound.
    pub(crate) memory: bool,
}

/// Closes the fence. There is no way back.
pub(crate) fn close() -> Fence {
    #[cfg(unix)]
    let memory = limits();
    #[cfg(not(unix))]
    let memory = false;
    #[cfg(target_os = "linux")]
    {
        // The kernel may know neither: `--prove` tells.
        let _ = files();
        let _ = calls();
    }
    Fence { memory }
}

/// Bounds on memory and processor time; no files, no programs, no image of the memory after a crash.
#[cfg(unix)]
fn limits() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let set = |resource, most: u64| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).is_ok()
    };
    set(Resource::Core, 0);
    set(Resource::Fsize, 0);
    set(Resource::Cpu, SECONDS);
    set(Resource::Nproc, 0);
    set(Resource::As, MEMORY)
}

/// No file may be opened, made, read or carried out, and no port used (Linux 5.13 and later).
#[cfg(target_os = "linux")]
fn files() -> Result<(), landlock::RulesetError> {
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr};
    let abi = ABI::V5;
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(())
}

/// No system call but those of pipes, memory and ending; any other is refused.
#[cfg(target_os = "linux")]
fn calls() -> Result<(), Box<dyn std::error::Error>> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let denied = SeccompAction::Errno(u32::try_from(libc::EACCES)?);
    let rules = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    let arch = std::env::consts::ARCH.try_into()?;
    let filter: BpfProgram =
        SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?.try_into()?;
    seccompiler::apply_filter(&filter)?;
    Ok(())
}

/// Bytes of address space: the largest message, unpacked as far as the bounds allow, twice.
#[cfg(unix)]
const MEMORY: u64 = 1024 * 1024 * 1024;
/// Seconds of processor time, a little more than the parent's patience.
#[cfg(unix)]
const SECONDS: u64 = 20;

/// What reading and writing pipes, memory, random seeds of maps, and ending need.
#[cfg(target_os = "linux")]
const CALLS: [i64; 26] = [
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_tgkill,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
