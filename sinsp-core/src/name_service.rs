//! Users and groups that only the system's name service has. A thread asks the service, so that no event waits for it, and ends when there is nothing
//! left to ask.

use parking_lot::{Condvar, Mutex};
use scap_sys::linux::name_service;
use scap_sys::{GroupInfo, UserInfo, threads};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The most questions that wait; further ones are dropped.
const MAX_WAITING: usize = 4096;

/// A user or group of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The user with this id.
    User(u32),
    /// The group with this id.
    Group(u32),
}

/// What the name service knows.
#[derive(Debug)]
pub enum Answer {
    /// A user.
    User(UserInfo),
    /// A group.
    Group(GroupInfo),
}

/// The name service of this machine, asked in the background.
#[derive(Debug, Clone)]
pub struct NameService(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ask: fn(Question) -> Option<Answer>,
    state: Mutex<Waiting>,
    /// Whether found users or groups wait.
    ready: AtomicBool,
    idle: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    questions: VecDeque<Question>,
    answers: Vec<Answer>,
    running: bool,
}

impl Default for NameService {
    fn default() -> Self {
        NameService::with(|question| match question {
            Question::User(uid) => name_service::user(uid).map(Answer::User),
            Question::Group(gid) => name_service::group(gid).map(Answer::Group),
        })
    }
}

impl NameService {
    pub(crate) fn with(ask: fn(Question) -> Option<Answer>) -> NameService {
        let state = Mutex::default();
        NameService(Arc::new(Shared { ask, state, ready: AtomicBool::new(false), idle: Condvar::new() }))
    }

    /// Starts the look-up of a user or group; [`NameService::take`] returns it once it is found.
    pub fn ask(&self, question: Question) {
        let mut waiting = self.0.state.lock();
        if waiting.questions.len() >= MAX_WAITING {
            return;
        }
        waiting.questions.push_back(question);
        if !waiting.running {
            let shared = self.0.clone();
            waiting.running = threads::start("sinsp-names", move || shared.run()).is_ok();
        }
    }

    /// Whether found users or groups wait to be taken.
    #[inline]
    pub fn has_answers(&self) -> bool {
        self.0.ready.load(Ordering::Relaxed)
    }

    /// Takes the users and groups that were found.
    pub fn take(&self) -> Vec<Answer> {
        let mut waiting = self.0.state.lock();
        self.0.ready.store(false, Ordering::Relaxed);
        std::mem::take(&mut waiting.answers)
    }

    /// Waits until all questions are answered, or the time is over.
    pub fn wait(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut waiting = self.0.state.lock();
        while waiting.running {
            if self.0.idle.wait_until(&mut waiting, until).timed_out() {
                return;
            }
        }
    }
}

impl Shared {
    fn run(&self) {
        loop {
            let question = {
                let mut waiting = self.state.lock();
                let Some(question) = waiting.questions.pop_front() else {
                    waiting.running = false;
                    self.idle.notify_all();
                    return;
                };
                question
            };
            if let Some(answer) = (self.ask)(question) {
                self.state.lock().answers.push(answer);
                self.ready.store(true, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_later() {
        let service = NameService::with(|question| match question {
            Question::User(7) => {
                Some(Answer::User(UserInfo { uid: 7, name: b"seven".to_vec(), ..UserInfo::default() }))
            }
            _ => None,
        });
        assert!(!service.has_answers());
        [Question::User(7), Question::User(8), Question::Group(7)]
            .into_iter()
            .for_each(|question| service.ask(question));
        service.wait(Duration::from_secs(60));
        assert!(service.has_answers());
        let answers = service.take();
        assert!(matches!(&answers[..], [Answer::User(user)] if user.name == b"seven"));
        assert!(!service.has_answers() && service.take().is_empty());
        service.ask(Question::User(7));
        service.wait(Duration::from_secs(60));
        assert_eq!(service.take().len(), 1);
    }
}
